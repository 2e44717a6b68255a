import type { Currency } from '@tallystick/contracts';
import {
  findPage,
  insertRows,
  mapPage,
  updateRows,
  type ListPage,
  type ListRange,
  type Queryable,
  type Transaction,
} from '@tallystick/postgres';
import type { Authorization } from '../domain/authorization.ts';

interface Row {
  authorization_id: string;
  card_id: string;
  payment_id: string;
  payee_account_id: string;
  debit_account_id: string;
  hold_id: string;
  amount_minor: bigint;
  cleared_minor: bigint;
  currency: Currency;
  status: Authorization['status'];
  code: Authorization['code'] | null;
  requested_at: Date;
}

const authorizationOf = (row: Row): Authorization => ({
  authorizationId: row.authorization_id,
  cardId: row.card_id,
  paymentId: row.payment_id,
  payeeAccountId: row.payee_account_id,
  debitAccountId: row.debit_account_id,
  holdId: row.hold_id,
  amountMinor: row.amount_minor,
  clearedMinor: row.cleared_minor,
  currency: row.currency,
  status: row.status,
  code: row.code ?? undefined,
  requestedAtMs: row.requested_at.getTime(),
});

const authorizationInsert = insertRows<Authorization>('authorization_insert', 'card_authorization', {
  authorization_id: ['text', ({ authorizationId }) => authorizationId],
  card_id: ['text', ({ cardId }) => cardId],
  payment_id: ['text', ({ paymentId }) => paymentId],
  payee_account_id: ['text', ({ payeeAccountId }) => payeeAccountId],
  debit_account_id: ['text', ({ debitAccountId }) => debitAccountId],
  hold_id: ['text', ({ holdId }) => holdId],
  amount_minor: ['bigint', ({ amountMinor }) => amountMinor],
  currency: ['text', ({ currency }) => currency],
  status: ['text', ({ status }) => status],
  code: ['text', ({ code }) => code],
  requested_at: ['timestamptz', ({ requestedAtMs }) => new Date(requestedAtMs)],
});

export function insertAuthorizations(tx: Transaction, authorizations: readonly Authorization[]): void {
  if (authorizations.length > 0) tx.write(authorizationInsert(authorizations));
}

export async function lockAuthorizations(
  tx: Transaction,
  ids: readonly string[],
): Promise<Map<string, Authorization>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<Row>({
    name: 'authorization_lock',
    text: 'SELECT * FROM card_authorization WHERE authorization_id = ANY($1::text[]) ORDER BY authorization_id FOR NO KEY UPDATE',
    values: [ids],
  });
  return new Map(rows.map((row) => [row.authorization_id, authorizationOf(row)]));
}

const authorizationUpdate = updateRows<Authorization>(
  'authorization_update',
  'card_authorization',
  'authorization_id',
  {
    authorization_id: ['text', ({ authorizationId }) => authorizationId],
    status: ['text', ({ status }) => status],
    code: ['text', ({ code }) => code],
    cleared_minor: ['bigint', ({ clearedMinor }) => clearedMinor],
  },
);

export function updateAuthorizations(tx: Transaction, authorizations: readonly Authorization[]): void {
  if (authorizations.length > 0) tx.write(authorizationUpdate(authorizations));
}

/** Finds a page of the authorizations of a card, by the time of their request. */
export async function findAuthorizationPage(
  on: Queryable,
  cardId: string,
  { status }: { status?: Authorization['status'] | undefined },
  range: ListRange,
): Promise<ListPage<Authorization>> {
  const list = { columns: '*', from: 'card_authorization', where: 'card_id = $1', values: [cardId] };
  const page = await findPage<Row>(
    on,
    { ...list, time: 'requested_at', id: 'authorization_id', matching: { status } },
    range,
  );
  return mapPage(page, authorizationOf);
}

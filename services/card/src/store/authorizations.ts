import type { Currency } from '@tallystick/contracts';
import type { Queryable, Transaction } from '@tallystick/postgres';
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

export function insertAuthorizations(tx: Transaction, authorizations: readonly Authorization[]): void {
  if (authorizations.length === 0) return;
  tx.write({
    name: 'authorization_insert',
    text: `INSERT INTO card_authorization (authorization_id, card_id, payment_id, payee_account_id, debit_account_id, hold_id,
             amount_minor, currency, status, code, requested_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
             $9::text[], $10::text[], $11::timestamptz[])`,
    values: [
      authorizations.map(({ authorizationId }) => authorizationId),
      authorizations.map(({ cardId }) => cardId),
      authorizations.map(({ paymentId }) => paymentId),
      authorizations.map(({ payeeAccountId }) => payeeAccountId),
      authorizations.map(({ debitAccountId }) => debitAccountId),
      authorizations.map(({ holdId }) => holdId),
      authorizations.map(({ amountMinor }) => amountMinor),
      authorizations.map(({ currency }) => currency),
      authorizations.map(({ status }) => status),
      authorizations.map(({ code }) => code),
      authorizations.map(({ requestedAtMs }) => new Date(requestedAtMs)),
    ],
  });
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

export function updateAuthorizations(tx: Transaction, authorizations: readonly Authorization[]): void {
  if (authorizations.length === 0) return;
  tx.write({
    name: 'authorization_update',
    text: `UPDATE card_authorization a SET status = n.status, code = n.code, cleared_minor = n.cleared_minor
           FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS n (authorization_id, status, code, cleared_minor)
           WHERE a.authorization_id = n.authorization_id`,
    values: [
      authorizations.map(({ authorizationId }) => authorizationId),
      authorizations.map(({ status }) => status),
      authorizations.map(({ code }) => code),
      authorizations.map(({ clearedMinor }) => clearedMinor),
    ],
  });
}

export async function findAuthorizations(
  on: Queryable,
  cardId: string,
  limit: number,
): Promise<Authorization[]> {
  const { rows } = await on.query<Row>(
    'SELECT * FROM card_authorization WHERE card_id = $1 ORDER BY authorization_id DESC LIMIT $2',
    [cardId, limit],
  );
  return rows.map(authorizationOf);
}

import type { Currency } from '@tallystick/contracts';
import {
  insertRows,
  rowSource,
  updateRows,
  type Columns,
  type Queryable,
  type Transaction,
} from '@tallystick/postgres';
import {
  sourceId,
  type Initiator,
  type Payment,
  type PaymentStatus,
  type Reason,
} from '../domain/payment.ts';

interface Row {
  payment_id: string;
  initiator_kind: Initiator['kind'];
  initiator_id: string;
  source_kind: 'account' | 'card';
  source_id: string;
  payee_account_id: string;
  amount_minor: bigint;
  currency: Currency;
  capture: Payment['capture'];
  end_to_end_id: string;
  status: PaymentStatus;
  captured_minor: bigint;
  refunded_minor: bigint;
  capturing_minor: bigint;
  refunding_minor: bigint;
  hold_id: string | null;
  debit_account_id: string | null;
  hold_end: NonNullable<Payment['holdEnd']> | null;
  code: Reason | null;
  txn: string;
  created_at: Date;
  updated_at: Date;
}

const paymentOf = (row: Row): Payment => ({
  paymentId: row.payment_id,
  initiator: { kind: row.initiator_kind, id: row.initiator_id },
  source:
    row.source_kind === 'account'
      ? { kind: 'account', accountId: row.source_id }
      : { kind: 'card', cardId: row.source_id },
  payee: { kind: 'account', accountId: row.payee_account_id },
  amountMinor: row.amount_minor,
  currency: row.currency,
  capture: row.capture,
  endToEndId: row.end_to_end_id,
  status: row.status,
  capturedMinor: row.captured_minor,
  refundedMinor: row.refunded_minor,
  capturingMinor: row.capturing_minor,
  refundingMinor: row.refunding_minor,
  holdId: row.hold_id ?? undefined,
  debitAccountId: row.debit_account_id ?? undefined,
  holdEnd: row.hold_end ?? undefined,
  code: row.code ?? undefined,
  txn: row.txn,
  createdAtMs: row.created_at.getTime(),
  updatedAtMs: row.updated_at.getTime(),
});

const endToEndIds = rowSource<Pick<Payment, 'source' | 'endToEndId'>>({
  source_id: ['text', sourceId],
  end_to_end_id: ['text', ({ endToEndId }) => endToEndId],
});

/** Finds the end-to-end ids that are taken, keyed by `endToEndKey`. */
export async function findEndToEndIds(
  tx: Transaction,
  payments: readonly Pick<Payment, 'source' | 'endToEndId'>[],
): Promise<Set<string>> {
  if (payments.length === 0) return new Set();
  const { rows } = await tx.query<{ source_id: string; end_to_end_id: string }>({
    name: 'payment_end_to_end',
    text: `SELECT found.* FROM (${endToEndIds.sql}) AS asked CROSS JOIN LATERAL
             (SELECT p.source_id, p.end_to_end_id FROM payment p
              WHERE p.source_id = asked.source_id AND p.end_to_end_id = asked.end_to_end_id OFFSET 0) AS found`,
    values: endToEndIds.values(payments),
  });
  return new Set(rows.map((row) => `${row.source_id}\n${row.end_to_end_id}`));
}

/** Locks payments in the order of their ids. */
export async function lockPayments(
  tx: Transaction,
  paymentIds: readonly string[],
): Promise<Map<string, Payment>> {
  if (paymentIds.length === 0) return new Map();
  const { rows } = await tx.query<Row>({
    name: 'payment_lock',
    text: 'SELECT * FROM payment WHERE payment_id = ANY($1::text[]) ORDER BY payment_id FOR NO KEY UPDATE',
    values: [[...paymentIds].sort()],
  });
  return new Map(rows.map((row) => [row.payment_id, paymentOf(row)]));
}

/** The columns that change as a payment proceeds. */
const progress: Columns<Payment> = {
  status: ['text', ({ status }) => status],
  captured_minor: ['bigint', ({ capturedMinor }) => capturedMinor],
  refunded_minor: ['bigint', ({ refundedMinor }) => refundedMinor],
  capturing_minor: ['bigint', ({ capturingMinor }) => capturingMinor],
  refunding_minor: ['bigint', ({ refundingMinor }) => refundingMinor],
  hold_id: ['text', ({ holdId }) => holdId],
  debit_account_id: ['text', ({ debitAccountId }) => debitAccountId],
  hold_end: ['text', ({ holdEnd }) => holdEnd],
  code: ['text', ({ code }) => code],
  updated_at: ['timestamptz', ({ updatedAtMs }) => new Date(updatedAtMs)],
};

const paymentInsert = insertRows<Payment>('payment_insert', 'payment', {
  payment_id: ['text', ({ paymentId }) => paymentId],
  initiator_kind: ['text', ({ initiator }) => initiator.kind],
  initiator_id: ['text', ({ initiator }) => initiator.id],
  source_kind: ['text', ({ source }) => source.kind],
  source_id: ['text', sourceId],
  payee_account_id: ['text', ({ payee }) => payee.accountId],
  amount_minor: ['bigint', ({ amountMinor }) => amountMinor],
  currency: ['text', ({ currency }) => currency],
  capture: ['text', ({ capture }) => capture],
  end_to_end_id: ['text', ({ endToEndId }) => endToEndId],
  txn: ['text', ({ txn }) => txn],
  created_at: ['timestamptz', ({ createdAtMs }) => new Date(createdAtMs)],
  ...progress,
});

/** Inserts new payments. */
export function insertPayments(tx: Transaction, payments: readonly Payment[]): void {
  if (payments.length > 0) tx.write(paymentInsert(payments));
}

const paymentUpdate = updateRows<Payment>('payment_update', 'payment', 'payment_id', {
  payment_id: ['text', ({ paymentId }) => paymentId],
  ...progress,
});

/** Updates the changing columns of payments that are locked. */
export function updatePayments(tx: Transaction, payments: readonly Payment[]): void {
  if (payments.length > 0) tx.write(paymentUpdate(payments));
}

/**
 * The SQL condition for the payments that a customer ordered, or that their accounts paid or received.
 * @param subject the SQL expression of the customer's id
 */
const visibleTo = (subject: string): string => `(p.initiator_kind = 'subject' AND p.initiator_id = ${subject}
  OR p.payee_account_id IN (SELECT account_id FROM account_owner WHERE owner_id = ${subject})
  OR p.source_kind = 'account' AND p.source_id IN (SELECT account_id FROM account_owner WHERE owner_id = ${subject}))`;

/** A customer's request for a payment. */
export interface PaymentView {
  subject: string;
  paymentId: string;
}

const paymentViews = rowSource<PaymentView>({
  subject: ['text', ({ subject }) => subject],
  '"paymentId"': ['text', ({ paymentId }) => paymentId],
});

/** Builds the key of a customer's request for a payment in a set. */
export function viewKey({ subject, paymentId }: PaymentView): string {
  return `${subject}\n${paymentId}`;
}

/** Finds the requested payments that their customers may see, keyed by {@link viewKey}. */
export async function findVisible(tx: Transaction, asked: readonly PaymentView[]): Promise<Set<string>> {
  return findViews(tx, asked, {
    name: 'payment_visible',
    text: `SELECT asked.* FROM (${paymentViews.sql}) AS asked
           WHERE EXISTS (SELECT FROM payment p WHERE p.payment_id = asked."paymentId" AND ${visibleTo('asked.subject')})`,
  });
}

/** Finds the requested payments that an account of their customer received, keyed by {@link viewKey}. */
export async function findPayees(tx: Transaction, asked: readonly PaymentView[]): Promise<Set<string>> {
  return findViews(tx, asked, {
    name: 'payment_payee',
    text: `SELECT asked.* FROM (${paymentViews.sql}) AS asked
           WHERE EXISTS (SELECT FROM payment p JOIN account_owner o ON o.account_id = p.payee_account_id
                         WHERE p.payment_id = asked."paymentId" AND o.owner_id = asked.subject)`,
  });
}

async function findViews(
  tx: Transaction,
  asked: readonly PaymentView[],
  statement: { name: string; text: string },
): Promise<Set<string>> {
  const { rows } = await tx.query<PaymentView>({
    ...statement,
    values: paymentViews.values(asked),
  });
  return new Set(rows.map(viewKey));
}

export async function findVisiblePayment(
  on: Queryable,
  subject: string,
  paymentId: string,
): Promise<Payment | undefined> {
  const { rows } = await on.query<Row>(
    `SELECT p.* FROM payment p WHERE p.payment_id = $2 AND ${visibleTo('$1')}`,
    [subject, paymentId],
  );
  return rows[0] === undefined ? undefined : paymentOf(rows[0]);
}

export async function findVisiblePayments(on: Queryable, subject: string, limit: number): Promise<Payment[]> {
  const { rows } = await on.query<Row>(
    `SELECT p.* FROM payment p WHERE ${visibleTo('$1')} ORDER BY p.payment_id DESC LIMIT $2`,
    [subject, limit],
  );
  return rows.map(paymentOf);
}

/** Reads the current state of payments, for waiting requests. */
export async function findPayments(on: Queryable, paymentIds: readonly string[]): Promise<Payment[]> {
  const { rows } = await on.query<Row>('SELECT * FROM payment WHERE payment_id = ANY($1::text[])', [
    paymentIds,
  ]);
  return rows.map(paymentOf);
}

interface AccountOwner {
  accountId: string;
  ownerId: string;
}

const accountOwnerInsert = insertRows<AccountOwner>(
  'account_owner_insert',
  'account_owner',
  { account_id: ['text', ({ accountId }) => accountId], owner_id: ['text', ({ ownerId }) => ownerId] },
  { orElse: 'ON CONFLICT DO NOTHING' },
);

/** Saves the owners of accounts. */
export function insertAccountOwners(tx: Transaction, owners: readonly AccountOwner[]): void {
  if (owners.length > 0) tx.write(accountOwnerInsert(owners));
}

import type { Currency } from '@tallystick/contracts';
import type { Queryable, Transaction } from '@tallystick/postgres';
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

/** Finds the end-to-end ids that are taken, keyed by `endToEndKey`. */
export async function findEndToEndIds(
  tx: Transaction,
  payments: readonly Pick<Payment, 'source' | 'endToEndId'>[],
): Promise<Set<string>> {
  if (payments.length === 0) return new Set();
  const { rows } = await tx.query<{ source_id: string; end_to_end_id: string }>({
    name: 'payment_end_to_end',
    text: `SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (source_id, end_to_end_id) CROSS JOIN LATERAL
             (SELECT p.source_id, p.end_to_end_id FROM payment p
              WHERE p.source_id = asked.source_id AND p.end_to_end_id = asked.end_to_end_id OFFSET 0) AS found`,
    values: [payments.map(sourceId), payments.map(({ endToEndId }) => endToEndId)],
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

/** The columns that change as a payment progresses, from `status` to `code`. */
function progressOf(payments: readonly Payment[]): unknown[][] {
  return [
    payments.map(({ status }) => status),
    payments.map(({ capturedMinor }) => capturedMinor),
    payments.map(({ refundedMinor }) => refundedMinor),
    payments.map(({ capturingMinor }) => capturingMinor),
    payments.map(({ refundingMinor }) => refundingMinor),
    payments.map(({ holdId }) => holdId),
    payments.map(({ debitAccountId }) => debitAccountId),
    payments.map(({ holdEnd }) => holdEnd),
    payments.map(({ code }) => code),
  ];
}

export function insertPayments(tx: Transaction, payments: readonly Payment[]): void {
  if (payments.length === 0) return;
  tx.write({
    name: 'payment_insert',
    text: `INSERT INTO payment (payment_id, initiator_kind, initiator_id, source_kind, source_id, payee_account_id, amount_minor,
             currency, capture, end_to_end_id, status, captured_minor, refunded_minor, capturing_minor, refunding_minor, hold_id,
             debit_account_id, hold_end, code, txn, created_at, updated_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
             $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::text[],
             $17::text[], $18::text[], $19::text[], $20::text[], $21::timestamptz[], $22::timestamptz[])`,
    values: [
      payments.map(({ paymentId }) => paymentId),
      payments.map(({ initiator }) => initiator.kind),
      payments.map(({ initiator }) => initiator.id),
      payments.map(({ source }) => source.kind),
      payments.map(sourceId),
      payments.map(({ payee }) => payee.accountId),
      payments.map(({ amountMinor }) => amountMinor),
      payments.map(({ currency }) => currency),
      payments.map(({ capture }) => capture),
      payments.map(({ endToEndId }) => endToEndId),
      ...progressOf(payments),
      payments.map(({ txn }) => txn),
      payments.map(({ createdAtMs }) => new Date(createdAtMs)),
      payments.map(({ updatedAtMs }) => new Date(updatedAtMs)),
    ],
  });
}

/** Updates the changing columns of payments that are locked. */
export function updatePayments(tx: Transaction, payments: readonly Payment[]): void {
  if (payments.length === 0) return;
  tx.write({
    name: 'payment_update',
    text: `UPDATE payment p SET status = n.status, captured_minor = n.captured_minor, refunded_minor = n.refunded_minor,
             capturing_minor = n.capturing_minor, refunding_minor = n.refunding_minor, hold_id = n.hold_id,
             debit_account_id = n.debit_account_id, hold_end = n.hold_end, code = n.code, updated_at = n.updated_at
           FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[],
             $9::text[], $10::text[], $11::timestamptz[]) AS n (payment_id, status, captured_minor, refunded_minor,
             capturing_minor, refunding_minor, hold_id, debit_account_id, hold_end, code, updated_at) CROSS JOIN LATERAL
             (SELECT payment.ctid FROM payment WHERE payment.payment_id = n.payment_id OFFSET 0) AS place
           WHERE p.ctid = place.ctid`,
    values: [
      payments.map(({ paymentId }) => paymentId),
      ...progressOf(payments),
      payments.map(({ updatedAtMs }) => new Date(updatedAtMs)),
    ],
  });
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

/** Builds the key of a customer's request for a payment in a set. */
export function viewKey({ subject, paymentId }: PaymentView): string {
  return `${subject}\n${paymentId}`;
}

/** Finds the requested payments that their customers may see, keyed by {@link viewKey}. */
export async function findVisible(tx: Transaction, asked: readonly PaymentView[]): Promise<Set<string>> {
  return findViews(tx, asked, {
    name: 'payment_visible',
    text: `SELECT asked.* FROM unnest($1::text[], $2::text[]) AS asked (subject, "paymentId")
           WHERE EXISTS (SELECT FROM payment p WHERE p.payment_id = asked."paymentId" AND ${visibleTo('asked.subject')})`,
  });
}

/** Finds the requested payments that an account of their customer received, keyed by {@link viewKey}. */
export async function findPayees(tx: Transaction, asked: readonly PaymentView[]): Promise<Set<string>> {
  return findViews(tx, asked, {
    name: 'payment_payee',
    text: `SELECT asked.* FROM unnest($1::text[], $2::text[]) AS asked (subject, "paymentId")
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
    values: [asked.map(({ subject }) => subject), asked.map(({ paymentId }) => paymentId)],
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

/** Saves the owners of accounts. */
export function saveAccountOwners(
  tx: Transaction,
  owners: readonly { accountId: string; ownerId: string }[],
): void {
  if (owners.length === 0) return;
  tx.write({
    name: 'account_owner_save',
    text: `INSERT INTO account_owner (account_id, owner_id) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`,
    values: [owners.map(({ accountId }) => accountId), owners.map(({ ownerId }) => ownerId)],
  });
}

import type { CapturedBy, Currency } from '@tallystick/contracts';
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
  type Cancellation,
  type Initiator,
  type Payment,
  type PaymentStatus,
  type Reason,
} from '../domain/payment.ts';

/** A row of the table of payments. */
export interface PaymentRow {
  payment_id: string;
  initiator_kind: Initiator['kind'];
  initiator_id: string;
  source_kind: 'account' | 'card';
  source_id: string;
  payee_account_id: string;
  amount_minor: bigint;
  currency: Currency;
  capture: Payment['capture'];
  captured_by: CapturedBy | null;
  end_to_end_id: string;
  status: PaymentStatus;
  captured_minor: bigint;
  refunded_minor: bigint;
  capturing_minor: bigint;
  refunding_minor: bigint;
  hold_id: string | null;
  debit_account_id: string | null;
  hold_end: NonNullable<Payment['holdEnd']> | null;
  cancellation_status: Cancellation['status'] | null;
  cancellation_code: Reason | null;
  code: Reason | null;
  end_to_end_id_freed: boolean;
  agent_ids: string[] | null;
  txn: string;
  created_at: Date;
  updated_at: Date;
}

export const paymentOf = (row: PaymentRow): Payment => ({
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
  // The previous release did not ask.
  capturedBy: row.captured_by ?? (row.initiator_kind === 'producer' ? 'initiator' : 'payee'),
  endToEndId: row.end_to_end_id,
  status: row.status,
  capturedMinor: row.captured_minor,
  refundedMinor: row.refunded_minor,
  capturingMinor: row.capturing_minor,
  refundingMinor: row.refunding_minor,
  holdId: row.hold_id ?? undefined,
  debitAccountId: row.debit_account_id ?? undefined,
  holdEnd: row.hold_end ?? undefined,
  cancellation:
    row.cancellation_status === null
      ? undefined
      : { status: row.cancellation_status, code: row.cancellation_code ?? undefined },
  code: row.code ?? undefined,
  endToEndIdFreed: row.end_to_end_id_freed,
  agentIds: row.agent_ids ?? [],
  txn: row.txn,
  createdAtMs: row.created_at.getTime(),
  updatedAtMs: row.updated_at.getTime(),
});

type EndToEnd = Pick<Payment, 'initiator' | 'source' | 'endToEndId'>;

const endToEndIds = rowSource<EndToEnd>({
  initiator_kind: ['text', ({ initiator }) => initiator.kind, 'shared'],
  initiator_id: ['text', ({ initiator }) => initiator.id],
  source_id: ['text', sourceId],
  end_to_end_id: ['text', ({ endToEndId }) => endToEndId],
});

/** Finds the end-to-end ids that are taken, keyed by `endToEndKey`. */
export async function findEndToEndIds(tx: Transaction, payments: readonly EndToEnd[]): Promise<Set<string>> {
  if (payments.length === 0) return new Set();
  const { rows } = await tx.query<
    Record<'initiator_kind' | 'initiator_id' | 'source_id' | 'end_to_end_id', string>
  >({
    name: 'payment_end_to_end',
    text: `SELECT asked.* FROM (${endToEndIds.sql}) AS asked CROSS JOIN LATERAL
             (SELECT FROM payment p WHERE p.source_id = asked.source_id AND p.end_to_end_id = asked.end_to_end_id
                AND p.initiator_id = asked.initiator_id AND p.initiator_kind = asked.initiator_kind
                AND NOT p.end_to_end_id_freed OFFSET 0) AS found`,
    values: endToEndIds.values(payments),
  });
  return new Set(
    rows.map((row) => [row.initiator_kind, row.initiator_id, row.source_id, row.end_to_end_id].join('\n')),
  );
}

/** Locks payments in the order of their ids. */
export async function lockPayments(
  tx: Transaction,
  paymentIds: readonly string[],
): Promise<Map<string, Payment>> {
  if (paymentIds.length === 0) return new Map();
  const { rows } = await tx.query<PaymentRow>({
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
  cancellation_status: ['text', ({ cancellation }) => cancellation?.status, 'shared'],
  cancellation_code: ['text', ({ cancellation }) => cancellation?.code, 'shared'],
  code: ['text', ({ code }) => code],
  end_to_end_id_freed: ['boolean', ({ endToEndIdFreed }) => endToEndIdFreed, 'shared'],
  agent_ids: ['jsonb', ({ agentIds }) => (agentIds.length === 0 ? null : JSON.stringify(agentIds)), 'shared'],
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
  captured_by: ['text', ({ capturedBy }) => capturedBy, 'shared'],
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

/** Reads the current state of payments. */
export async function findPayments(on: Queryable, paymentIds: readonly string[]): Promise<Payment[]> {
  const { rows } = await on.query<PaymentRow>('SELECT * FROM payment WHERE payment_id = ANY($1::text[])', [
    paymentIds,
  ]);
  return rows.map(paymentOf);
}

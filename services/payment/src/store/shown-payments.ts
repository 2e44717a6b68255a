import { rowSource, type Queryable } from '@tallystick/postgres';
import type { Movement, Payment } from '../domain/payment.ts';
import { movementsOf, newestMovements, type MovementRows } from './movements.ts';
import { paymentOf, type PaymentRow } from './payments.ts';

/** A payment as its parties see it: with its newest captures and refunds, newest first. */
export type ShownPayment = Payment & { movements: readonly Movement[] };

/**
 * Finds payments with their movements, by their ids. One statement reads both: two statements see two moments, and money
 * would have moved in one of them only.
 */
export async function findShownPayments(
  on: Queryable,
  paymentIds: readonly string[],
): Promise<Map<string, ShownPayment>> {
  if (paymentIds.length === 0) return new Map();
  const { rows } = await on.query<ShownRow>({
    name: 'payment_shown',
    text: `SELECT payment.*, ${newestMovements} AS movements FROM payment WHERE payment_id = ANY($1::text[])`,
    values: [[...new Set(paymentIds)]],
  });
  return new Map(rows.map((row) => [row.payment_id, shownOf(row)]));
}

type ShownRow = PaymentRow & { movements: MovementRows };

function shownOf(row: ShownRow): ShownPayment {
  return { ...paymentOf(row), movements: movementsOf(row.movements) };
}

/** A payment with the version of its row, which changes with each of its steps. */
export interface VersionedPayment {
  payment: ShownPayment;
  version: string;
}

const seenPayments = rowSource<{ paymentId: string; seen: string | undefined }>({
  payment_id: ['text', ({ paymentId }) => paymentId],
  seen: ['text', ({ seen }) => seen],
});

/** Finds those of the payments that have another version than the one that was seen, by their ids. */
export async function findChangedPayments(
  on: Queryable,
  asked: readonly { paymentId: string; seen: string | undefined }[],
): Promise<Map<string, VersionedPayment>> {
  const { rows } = await on.query<ShownRow & { version: string }>({
    name: 'payment_changed',
    // The transaction that wrote the row is its version: each step of a payment writes it.
    text: `SELECT payment.*, payment.xmin::text AS version, ${newestMovements} AS movements
           FROM (${seenPayments.sql}) AS asked CROSS JOIN LATERAL
             (SELECT *, xmin FROM payment WHERE payment_id = asked.payment_id
                AND xmin::text IS DISTINCT FROM asked.seen OFFSET 0) AS payment`,
    values: seenPayments.values(asked),
  });
  return new Map(rows.map((row) => [row.payment_id, { payment: shownOf(row), version: row.version }]));
}

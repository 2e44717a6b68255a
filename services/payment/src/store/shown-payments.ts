import type { Queryable } from '@tallystick/postgres';
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
  const { rows } = await on.query<PaymentRow & { movements: MovementRows }>({
    name: 'payment_shown',
    text: `SELECT payment.*, ${newestMovements} AS movements FROM payment WHERE payment_id = ANY($1::text[])`,
    values: [[...new Set(paymentIds)]],
  });
  return new Map(
    rows.map((row) => [row.payment_id, { ...paymentOf(row), movements: movementsOf(row.movements) }]),
  );
}

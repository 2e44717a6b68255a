import type { Queryable } from '@tallystick/postgres';
import type { Movement, Payment } from '../domain/payment.ts';
import { findNewestMovements } from './movements.ts';
import { findPayments } from './payments.ts';

/** A payment as its parties see it: with its newest captures and refunds, newest first. */
export type ShownPayment = Payment & { movements: readonly Movement[] };

/** Finds payments with their movements. */
export async function findShownPayments(
  on: Queryable,
  paymentIds: readonly string[],
): Promise<ShownPayment[]> {
  const [payments, movements] = await Promise.all([
    findPayments(on, paymentIds),
    findNewestMovements(on, paymentIds),
  ]);
  return payments.map((payment) => shown(payment, movements));
}

/** Adds the movements of payments that are already loaded. */
export async function showAll(on: Queryable, payments: readonly Payment[]): Promise<ShownPayment[]> {
  const movements = await findNewestMovements(
    on,
    payments.map(({ paymentId }) => paymentId),
  );
  return payments.map((payment) => shown(payment, movements));
}

function shown(payment: Payment, movements: ReadonlyMap<string, Movement[]>): ShownPayment {
  return { ...payment, movements: movements.get(payment.paymentId) ?? [] };
}

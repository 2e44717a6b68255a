import type { Operators } from '@tallystick/demo';
import type { StackFile } from '@tallystick/stack';
import type { PlacedOrder } from '../orders/order.ts';

/** The inputs of the checks, when the system is at rest. */
export interface Books {
  stack: StackFile;
  operators: Operators;
  /** Every order of the run, including warm-up and search. */
  orders: readonly PlacedOrder[];
  /** Counts the messages that were quarantined during the run, without the junk that it sent; negative if junk is missing. */
  quarantined: () => Promise<number>;
}

/** Whether a check holds, and the objections if it does not. */
export interface CheckResult {
  holds: boolean;
  detail?: string;
}

export type Check = (books: Books) => Promise<CheckResult>;

/** Returns a result that holds if there are no objections. */
export function holdsUnless(objections: readonly string[]): CheckResult {
  if (objections.length === 0) return { holds: true };
  const [first, second, third] = objections;
  const shown = [first, second, third].filter((one) => one !== undefined).join('; ');
  const rest = objections.length > 3 ? `; and ${objections.length - 3} more` : '';
  return { holds: false, detail: shown + rest };
}

/** Returns the ids of the payments of these orders. */
export function paymentIds(orders: readonly PlacedOrder[]): string[] {
  return orders.flatMap(({ paymentId }) => (paymentId === undefined ? [] : [paymentId]));
}

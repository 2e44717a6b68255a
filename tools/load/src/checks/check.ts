import type { ApiClient } from '@tallystick/demo';
import type { StackFile } from '@tallystick/stack';
import type { PlacedOrder } from '../orders/order.ts';

/** What the checks look at, once all has come to rest. */
export interface Books {
  stack: StackFile;
  operator: ApiClient;
  /** Every order of the run, warm-up and search included. */
  orders: readonly PlacedOrder[];
  /** Messages that went to a quarantine during the run. */
  quarantined: number;
}

/** Whether something holds, and what speaks against it where it does not. */
export interface CheckResult {
  holds: boolean;
  detail?: string;
}

export type Check = (books: Books) => Promise<CheckResult>;

/** Holds where nothing speaks against it. */
export function holdsUnless(objections: readonly string[]): CheckResult {
  if (objections.length === 0) return { holds: true };
  const [first, second, third] = objections;
  const shown = [first, second, third].filter((one) => one !== undefined).join('; ');
  const rest = objections.length > 3 ? `; and ${objections.length - 3} more` : '';
  return { holds: false, detail: shown + rest };
}

/** The ids of the payments of these orders. */
export function paymentIds(orders: readonly PlacedOrder[]): string[] {
  return orders.flatMap(({ paymentId }) => (paymentId === undefined ? [] : [paymentId]));
}

import type { PlacedOrder } from '../src/orders/order.ts';
import { Tally } from '../src/phase-tally.ts';

/** Builds an order over Kafka of the payment `pay_1`, due at 1,000. */
export const placed = (changes: Partial<PlacedOrder> = {}): PlacedOrder => ({
  via: 'kafka',
  source: { kind: 'account', accountId: 'acc_1' },
  payeeAccountId: 'acc_2',
  amountMinor: 5n,
  capture: 'automatic',
  endToEndId: '1',
  dueAtMs: 1_000,
  phase: new Tally(1_000),
  paymentId: 'pay_1',
  status: 'placed',
  captureIt: undefined,
  ...changes,
});

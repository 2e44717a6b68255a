import { describe, expect, test } from '@jest/globals';
import { OrderBook, type Outcome } from '../src/orders/order-book.ts';
import type { PlacedOrder } from '../src/orders/order.ts';
import { Tally } from '../src/phase-tally.ts';

const placed = (changes: Partial<PlacedOrder> = {}): PlacedOrder => ({
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

const outcome = (type: string, changes: Partial<Outcome> = {}): Outcome => ({
  paymentId: 'pay_1',
  type,
  code: undefined,
  atMs: 1_250,
  ...changes,
});

describe('the book of orders', () => {
  test('latency counts from when the order was due', () => {
    const book = new OrderBook();
    const phase = new Tally(1_000);
    book.place(placed({ phase }));
    book.hear(outcome('payment.captured'));
    expect(Math.abs(phase.percentiles().max_ms - 250)).toBeLessThan(0.5);
    expect(book.outstanding).toBe(0);
  });

  test('an outcome told twice counts once', () => {
    const book = new OrderBook();
    const phase = new Tally(1_000);
    book.place(placed({ phase }));
    book.hear(outcome('payment.captured'));
    book.hear(outcome('payment.captured'));
    expect([phase.finishedCount, book.outstanding]).toEqual([1, 0]);
  });

  test('a held payment is captured once, and ends with its capture', () => {
    const book = new OrderBook();
    let captures = 0;
    book.place(placed({ capture: 'manual', captureIt: () => (captures += 1) }));
    book.hear(outcome('payment.authorized'));
    book.hear(outcome('payment.authorized'));
    expect([captures, book.outstanding]).toEqual([1, 1]);
    book.hear(outcome('payment.captured'));
    expect(book.outstanding).toBe(0);
  });

  test('an outcome that overtakes the answer over HTTP is not lost', () => {
    const book = new OrderBook();
    const order = placed({ via: 'http', paymentId: undefined });
    book.place(order);
    book.hear(outcome('payment.captured'));
    expect(order.status).toBe('placed');
    book.identify(order, 'pay_1');
    expect(order.status).toBe('captured');
  });

  test('a failure is counted by its code', () => {
    const book = new OrderBook();
    const phase = new Tally(1_000);
    book.place(placed({ phase }));
    book.hear(outcome('payment.failed', { code: 'mandate.limit_exceeded' }));
    expect(phase.failures).toEqual({ 'mandate.limit_exceeded': 1 });
  });
});

import { describe, expect, test } from '@jest/globals';
import { OrderBook, type Outcome } from '../src/orders/order-book.ts';
import { Tally } from '../src/phase-tally.ts';
import { placed } from './placed-order.ts';

const outcome = (type: string, changes: Partial<Outcome> = {}): Outcome => ({
  paymentId: 'pay_1',
  type,
  code: undefined,
  atMs: 1_250,
  ...changes,
});

describe('the order book', () => {
  test('counts latency from the due time of the order', () => {
    const book = new OrderBook();
    const phase = new Tally(1_000);
    book.place(placed({ phase }));
    book.hear(outcome('payment.captured'));
    expect(Math.abs(phase.percentiles().max_ms - 250)).toBeLessThan(0.5);
    expect(book.outstanding).toBe(0);
  });

  test('counts a repeated outcome once', () => {
    const book = new OrderBook();
    const phase = new Tally(1_000);
    book.place(placed({ phase }));
    book.hear(outcome('payment.captured'));
    book.hear(outcome('payment.captured'));
    expect([phase.finishedCount, book.outstanding]).toEqual([1, 0]);
  });

  test('captures a held payment once, and ends it with its capture', () => {
    const book = new OrderBook();
    let captures = 0;
    book.place(placed({ capture: 'manual', captureIt: () => (captures += 1) }));
    book.hear(outcome('payment.authorized'));
    book.hear(outcome('payment.authorized'));
    expect([captures, book.outstanding]).toEqual([1, 1]);
    book.hear(outcome('payment.captured'));
    expect(book.outstanding).toBe(0);
  });

  test('keeps an outcome that overtakes the HTTP response', () => {
    const book = new OrderBook();
    const order = placed({ via: 'http', paymentId: undefined });
    book.place(order);
    book.hear(outcome('payment.captured'));
    expect(order.status).toBe('placed');
    book.identify(order, 'pay_1');
    expect(order.status).toBe('captured');
  });

  test('counts a failure by its code', () => {
    const book = new OrderBook();
    const phase = new Tally(1_000);
    book.place(placed({ phase }));
    book.hear(outcome('payment.failed', { code: 'mandate.limit_exceeded' }));
    expect(phase.failures).toEqual({ 'mandate.limit_exceeded': 1 });
  });
});

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fixedRate } from '../src/orders/schedule.ts';

describe('a fixed rate', () => {
  test('spreads orders evenly, the first at once', () => {
    const schedule = fixedRate(100, 2);
    expect(schedule.total).toBe(200);
    expect([0, 1, 199].map((index) => schedule.dueAtMs(index))).toEqual([0, 10, 1990]);
    expect([-1, 0, 9.9, 10, 1990, 60_000].map((elapsedMs) => schedule.dueBy(elapsedMs))).toEqual([
      0, 1, 1, 2, 200, 200,
    ]);
  });

  test('counts an order from its due time on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (rate, seconds, share) => {
          const schedule = fixedRate(rate, seconds);
          const index = Math.floor(share * schedule.total);
          const atMs = schedule.dueAtMs(index);
          expect(schedule.dueBy(atMs)).toBe(index + 1);
          expect(schedule.dueBy(atMs - 0.01)).toBe(index);
        },
      ),
    );
  });

  test('does not depend on the outcomes of orders', () => {
    expect(fixedRate(50, 1).dueBy(500)).toBe(26);
  });
});

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { growthPerSecond, hasFollowed, nextRate, type Tried } from '../src/search.ts';

/** Searches the limit of a system that follows up to `capacity`. */
function search(capacity: number, rateMax: number): { best: number; steps: number } {
  const tried: Tried[] = [];
  for (;;) {
    const step = nextRate(tried, rateMax);
    if ('best' in step) return { best: step.best, steps: tried.length };
    tried.push({ rate: step.next, followed: step.next <= capacity });
    if (tried.length > 100) throw new Error('the search does not end');
  }
}

describe('the search for the highest rate', () => {
  test('finds a rate close to the highest in few steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 20_000 }), (capacity) => {
        const { best, steps } = search(capacity, 50_000);
        expect(best).toBeLessThanOrEqual(capacity);
        expect(best).toBeGreaterThanOrEqual(Math.floor(capacity / 1.07) - 1);
        expect(steps).toBeLessThan(40);
      }),
    );
  });

  test('stops at the upper limit of the rate', () => {
    expect(search(10_000, 450).best).toBe(450);
    expect(search(10_000, 60).best).toBe(60);
  });

  test('repeats a step that failed once', () => {
    const disturbed = { rate: 100, followed: false };
    expect(nextRate([disturbed], 1_000)).toEqual({ next: 100 });
    expect(nextRate([disturbed, { rate: 100, followed: true }], 1_000)).toEqual({ next: 160 });
    expect(nextRate([disturbed, disturbed], 1_000)).toEqual({ next: 50 });
  });

  test('ends if no rate is followed', () => {
    expect(search(0, 1_000).best).toBe(2);
  });
});

describe('a step', () => {
  const step = { ratePerSecond: 1_000, lagAtEnd: 600, lagGrowthPerSecond: 0, failed: 0 };

  test('is followed with a constant lag, but not with a growing one', () => {
    expect(hasFollowed(step)).toBe(true);
    expect(hasFollowed({ ...step, lagGrowthPerSecond: 100 })).toBe(false);
  });

  test('is followed with a lag of orders that are always in progress', () => {
    expect(hasFollowed({ ...step, lagAtEnd: 250, lagGrowthPerSecond: 100 })).toBe(true);
    expect(hasFollowed({ ...step, ratePerSecond: 2, lagAtEnd: 4, lagGrowthPerSecond: 1 })).toBe(true);
  });

  test('is not followed with a lag of seconds, even a constant one', () => {
    expect(hasFollowed({ ...step, lagAtEnd: 2_000 })).toBe(false);
  });

  test('is not followed if a payment fails', () => {
    expect(hasFollowed({ ...step, lagAtEnd: 0, failed: 1 })).toBe(false);
  });
});

describe('growth', () => {
  test('is that of a straight line, for any start', () => {
    const line = Array.from({ length: 10 }, (_, at) => ({ atMs: 5_000 + at * 100, value: 7 + at * 3 }));
    expect(growthPerSecond(line)).toBeCloseTo(30);
  });

  test('is zero with fewer than two samples', () => {
    expect(growthPerSecond([])).toBe(0);
    expect(growthPerSecond([{ atMs: 1, value: 5 }])).toBe(0);
  });
});

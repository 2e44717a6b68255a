import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { repeat } from '../src/repeat.ts';

const INTERVAL_MS = 1_000;

/** A turn that ends when it is told to. */
function held(): { turn: () => Promise<void>; begun: () => number; end(): void } {
  let begun = 0;
  let end = (): void => {};
  return {
    turn: () => {
      begun += 1;
      return new Promise((resolve) => (end = resolve));
    },
    begun: () => begun,
    end: () => end(),
  };
}

describe('what is done again and again', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('begins anew each interval, and never beside a turn that is still under way', async () => {
    const { turn, begun, end } = held();
    const repeated = repeat(INTERVAL_MS, turn, () => {});
    await jest.advanceTimersByTimeAsync(3 * INTERVAL_MS);
    expect(begun()).toBe(1);
    end();
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(begun()).toBe(2);
    end();
    await repeated.stop();
  });

  test('goes on after a fault, which is told', async () => {
    const faults: unknown[] = [];
    const fault = new Error('not now');
    const repeated = repeat(
      INTERVAL_MS,
      () => Promise.reject(fault),
      (told) => faults.push(told),
    );
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    expect(faults).toEqual([fault, fault]);
    await repeated.stop();
  });

  test('has ended once it was stopped: the turn under way is waited for, and none comes after', async () => {
    const { turn, begun, end } = held();
    const repeated = repeat(INTERVAL_MS, turn, () => {});
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    let hasEnded = false;
    const stopped = repeated.stop().then(() => (hasEnded = true));
    await jest.advanceTimersByTimeAsync(5 * INTERVAL_MS);
    expect(hasEnded).toBe(false);
    end();
    await stopped;
    expect(begun()).toBe(1);
  });
});

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { repeat } from '../src/repeat.ts';

const INTERVAL_MS = 1_000;

/** A run of the repeated work that ends when the test calls `end`. */
function held(): { run: () => Promise<void>; started: () => number; end(): void } {
  let started = 0;
  let end = (): void => {};
  return {
    run: () => {
      started += 1;
      return new Promise((resolve) => (end = resolve));
    },
    started: () => started,
    end: () => end(),
  };
}

describe('repeated work', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('starts in each interval unless the previous run is still in progress', async () => {
    const { run, started, end } = held();
    const repeated = repeat(INTERVAL_MS, run, () => {});
    await jest.advanceTimersByTimeAsync(3 * INTERVAL_MS);
    expect(started()).toBe(1);
    end();
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(started()).toBe(2);
    end();
    await repeated.stop();
  });

  test('reports an error and continues', async () => {
    const faults: unknown[] = [];
    const fault = new Error('not now');
    const repeated = repeat(
      INTERVAL_MS,
      () => Promise.reject(fault),
      (fault) => faults.push(fault),
    );
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    expect(faults).toEqual([fault, fault]);
    await repeated.stop();
  });

  test('tells the current run that it stops', async () => {
    const signals: AbortSignal[] = [];
    const { run, end } = held();
    const repeated = repeat(
      INTERVAL_MS,
      (signal) => {
        signals.push(signal);
        return run();
      },
      () => {},
    );
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    const stopped = repeated.stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    end();
    await stopped;
  });

  test('waits for the current run when it is stopped, and starts no other', async () => {
    const { run, started, end } = held();
    const repeated = repeat(INTERVAL_MS, run, () => {});
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    let hasEnded = false;
    const stopped = repeated.stop().then(() => (hasEnded = true));
    await jest.advanceTimersByTimeAsync(5 * INTERVAL_MS);
    expect(hasEnded).toBe(false);
    end();
    await stopped;
    expect(started()).toBe(1);
  });
});

import { holdsUnless, type CheckResult } from './check.ts';

/** A flood of junk may delay honest payments, by p99, by less than this factor. */
const DELAY_FACTOR_MAX = 2;

/**
 * Compares the latency of honest payments during a flood of junk with that before it, at the same rate.
 * @param quietMs p99 before the flood, in milliseconds
 * @param floodedMs p99 during the flood, in milliseconds
 */
export function floodAtMostDoubles(quietMs: number, floodedMs: number): CheckResult {
  return holdsUnless(
    floodedMs < DELAY_FACTOR_MAX * quietMs
      ? []
      : [`p99 rose from ${quietMs.toFixed(0)} ms to ${floodedMs.toFixed(0)} ms under the junk`],
  );
}

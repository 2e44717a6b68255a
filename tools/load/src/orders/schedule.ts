/** Due times of orders, independent of earlier outcomes: a slow system does not slow the load down. */
export interface Schedule {
  /** Number of orders. */
  total: number;
  /** Number of orders due by this time, in milliseconds from the start. */
  dueBy(elapsedMs: number): number;
  /** Due time of the order at this index, from 0, in milliseconds from the start. */
  dueAtMs(index: number): number;
}

/**
 * Spreads orders evenly over time.
 * @param ratePerSecond orders per second
 * @param seconds duration
 */
export function fixedRate(ratePerSecond: number, seconds: number): Schedule {
  const total = Math.max(1, Math.round(ratePerSecond * seconds));
  return {
    total,
    dueBy: (elapsedMs) =>
      elapsedMs < 0 ? 0 : Math.min(total, Math.floor((elapsedMs * ratePerSecond) / 1000 + 1e-9) + 1),
    dueAtMs: (index) => (index * 1000) / ratePerSecond,
  };
}

/** When orders are due, whatever becomes of those before them: a slow system does not slow the load down. */
export interface Schedule {
  /** Orders in all. */
  total: number;
  /** How many are due by then, in milliseconds from the start. */
  dueBy(elapsedMs: number): number;
  /** When the order at this index, from 0, is due, in milliseconds from the start. */
  dueAtMs(index: number): number;
}

/**
 * Orders evenly spread over time.
 * @param ratePerSecond orders a second
 * @param seconds how long
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

/** The cumulative counts of a histogram: how many values are at most each boundary. */
export type Buckets = ReadonlyMap<number, number>;

/**
 * Estimates a quantile from a histogram, as `histogram_quantile` of Prometheus does: values are spread evenly in a bucket.
 * @param q between 0 and 1
 * @returns `undefined` without values; the highest finite boundary if the quantile lies above it
 */
export function quantile(buckets: Buckets, q: number): number | undefined {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total <= 0) return undefined;
  const rank = q * total;
  let lower = 0;
  let before = 0;
  for (const [boundary, count] of sorted) {
    // Counts that differ by rounding must not make a bucket negative.
    const upTo = Math.max(count, before);
    if (upTo >= rank && upTo > before)
      return boundary === Infinity ? lower : lower + ((boundary - lower) * (rank - before)) / (upTo - before);
    if (boundary !== Infinity) lower = boundary;
    before = upTo;
  }
  return lower;
}

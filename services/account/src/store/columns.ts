/**
 * Encodes a column of a batch as an array of values, or as an empty array and one value if all are equal. `unnest`
 * returns null for the missing elements, and `coalesce` the value: the rows of a batch are often alike, and omitted
 * text costs nothing.
 */
export function columnOf<Value>(values: readonly Value[]): [values: readonly Value[], same: Value | null] {
  const [first] = values;
  return values.every((value) => value === first) ? [[], first ?? null] : [values, null];
}

/** Returns the times of rows, or none if all equal the time of their batch, which is always so outside a replay. */
export function timesUnless<Row>(
  batchMs: number,
  rows: readonly Row[],
  timeMsOf: (row: Row) => number,
): Date[] {
  return rows.every((row) => timeMsOf(row) === batchMs) ? [] : rows.map((row) => new Date(timeMsOf(row)));
}

/**
 * Encodes a column of a batch as an array of values. If all values are equal, the array is empty and the value is
 * returned once. `unnest` returns null for the missing elements, and `coalesce` the value: the rows of a batch are
 * often alike, and omitted text costs nothing.
 */
export function columnOf<Value>(values: readonly Value[]): [values: readonly Value[], same: Value | null] {
  const [first] = values;
  return values.every((value) => value === first) ? [[], first ?? null] : [values, null];
}

/** Returns the times of rows, or none if all equal the time of their batch. They are always equal outside a replay. */
export function timesUnless<Row>(
  batchMs: number,
  rows: readonly Row[],
  timeMsOf: (row: Row) => number,
): Date[] {
  return rows.every((row) => timeMsOf(row) === batchMs) ? [] : rows.map((row) => new Date(timeMsOf(row)));
}

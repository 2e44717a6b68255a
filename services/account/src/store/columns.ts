/**
 * A column of a batch: its values as an array; or, where all rows have the same value, no array and that value. `unnest`
 * gives null for what is not there, and `coalesce` the value: a batch is often alike, and text that is not sent costs nothing.
 */
export function columnOf<Value>(values: readonly Value[]): [values: readonly Value[], same: Value | null] {
  const [first] = values;
  return values.every((value) => value === first) ? [[], first ?? null] : [values, null];
}

/** Times of rows; none where all have that of their batch, as they do but in a replay. */
export function timesUnless<Row>(
  batchMs: number,
  rows: readonly Row[],
  timeMsOf: (row: Row) => number,
): Date[] {
  return rows.every((row) => timeMsOf(row) === batchMs) ? [] : rows.map((row) => new Date(timeMsOf(row)));
}

import type { Queryable } from './pool.ts';

/** A `DELETE` of expired rows whose last parameter is the number of rows that it may delete. */
export interface Sweep {
  text: string;
  values?: readonly unknown[];
}

/** Rows that one statement deletes: few enough to delay no request. */
const PIECE_ROWS = 5_000;

/**
 * Deletes expired rows in pieces until a piece is not full, so that deletion keeps up with any rate of writes.
 * @param signal ends the sweep after the current piece, as the service stops
 * @param pieceRows the size of a piece, for tests
 */
export async function sweep(
  on: Queryable,
  { text, values = [] }: Sweep,
  signal: AbortSignal,
  pieceRows = PIECE_ROWS,
): Promise<void> {
  while (!signal.aborted) {
    const { rowCount } = await on.query(text, [...values, pieceRows]);
    if (rowCount === null || rowCount < pieceRows) return;
  }
}

import { holdsUnless, type CheckResult } from './check.ts';

/** The ids of a payment lead to no more rows of each table. A statement that scans reads a table's whole history. */
const ROWS_READ_MAX = 50;

/**
 * Checks that no statement of a payment scans a table.
 * @param rowsRead rows that were read for one payment, by table
 */
export function rowsFoundByKey(rowsRead: Readonly<Record<string, number>>): CheckResult {
  const scanned = Object.entries(rowsRead).filter(([, rows]) => rows > ROWS_READ_MAX);
  return holdsUnless(scanned.map(([table, rows]) => `${rows} rows of ${table} were read for each payment`));
}

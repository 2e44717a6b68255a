import { sweep, type Queryable, type Transaction } from '@tallystick/postgres';
import { MARK_PUBLISHED } from './outbox-relay.ts';
import { packRecords } from './packed-records.ts';
import type { OutgoingRecord } from './record.ts';

/** A row holds the records of a transaction, which are many. */
const SWEEP_ROWS = 500;

/** The previous release may run beside this one; it stores no record ids and deletes its published rows. */
const NEWEST_ROW = `SELECT id FROM outbox WHERE record_ids <> '{}' ORDER BY id DESC LIMIT 1`;

/** The age of the oldest unpublished row, in seconds. Ids are in time order. */
const OLDEST_AGE_S = `SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 FROM outbox
  WHERE published_at IS NULL ORDER BY id LIMIT 1`;

/**
 * Stores all records of a transaction in one row, and marks rows that were confirmed meanwhile in the same statement. If the
 * newest row is older than one that was seen before, the row gets no id and the transaction fails.
 */
export function insertRow(
  tx: Transaction,
  {
    rowId,
    records,
    confirmed,
    knownRow,
  }: {
    rowId: string;
    records: readonly OutgoingRecord[];
    confirmed: readonly string[];
    knownRow: string | null;
  },
): void {
  tx.write({
    name: 'outbox_insert',
    text: `WITH confirmed AS (${MARK_PUBLISHED.replace('$1', '$3')})
           INSERT INTO outbox (id, records, record_ids)
           SELECT CASE WHEN $5::uuid IS NULL OR (${NEWEST_ROW}) >= $5 THEN $1::uuid END,
             $2::bytea, $4::uuid[]`,
    values: [rowId, packRecords(records), confirmed, records.map(({ id }) => id), knownRow],
  });
}

const NOT_NULL_VIOLATION = '23502';

/** Whether a row got no id because the newest known row is gone. */
export function isRewound(error: unknown): boolean {
  const { code, table, column } = error as { code?: string; table?: string; column?: string };
  return code === NOT_NULL_VIOLATION && table === 'outbox' && column === 'id';
}

/** Reads the newest row, and the age of the oldest unpublished row in seconds. */
export async function readAges(on: Queryable): Promise<{ newest: string | null; ageS: number | null }> {
  const { rows } = await on.query<{ newest: string | null; ageS: number | null }>(
    `SELECT (${NEWEST_ROW}) AS newest, (${OLDEST_AGE_S}) AS "ageS"`,
  );
  return rows[0]!;
}

/**
 * Inserts an empty row if the newest is older than `before`.
 * @param before the first id of the time after which a row is new enough
 * @param knownRow the newest row that was seen: without it the database was restored, and no row is inserted
 * @returns whether the row was inserted
 */
export async function insertEmptyRow(
  on: Queryable,
  rowId: string,
  { before, knownRow }: { before: string; knownRow: string | null },
): Promise<boolean> {
  const { rowCount } = await on.query(
    `INSERT INTO outbox (id, records, record_ids, created_at, published_at)
     SELECT $1::uuid, ''::bytea, ARRAY[$1::uuid], 'infinity'::timestamptz, now()
     FROM (SELECT (${NEWEST_ROW}) AS id) AS newest
     WHERE (newest.id IS NULL OR newest.id < $2) AND ($3::uuid IS NULL OR newest.id >= $3)`,
    [rowId, before, knownRow],
  );
  return rowCount === 1;
}

/** Deletes published rows older than `before`, except the newest: it dates what the database knows. */
export async function sweepRows(on: Queryable, before: string, signal: AbortSignal): Promise<void> {
  const text = `DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE id < $1 AND id < (${NEWEST_ROW})
      AND published_at IS NOT NULL
    ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`;
  await sweep(on, { text, values: [before] }, signal, SWEEP_ROWS);
}

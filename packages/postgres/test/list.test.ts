import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EXAMINED_ROWS_MAX, findPage, type ListPage, type ListRange, type Pool } from '../src/index.ts';
import { openTestDatabase, readList, workOf, type TestDatabase } from '../src/testing.ts';

interface Row {
  id: string;
  atMs: number;
  owner: string;
  status: string;
}

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase();
  ({ pool } = database);
  await pool.query(
    `CREATE TABLE item (id text PRIMARY KEY, owner text NOT NULL, status text NOT NULL, at timestamptz NOT NULL);
     CREATE INDEX item_owner ON item (owner, at DESC, id DESC)`,
  );
});
afterAll(() => database.close());
beforeEach(() => pool.query('TRUNCATE item'));

const insert = (rows: readonly Row[]): Promise<unknown> =>
  pool.query(
    `INSERT INTO item SELECT r.id, r.owner, r.status, to_timestamp(r."atMs" / 1000.0)
     FROM jsonb_to_recordset($1) AS r (id text, owner text, status text, "atMs" float)`,
    [JSON.stringify(rows)],
  );

const pageOf =
  (status?: string, on: Parameters<typeof findPage>[0] = pool) =>
  (range: ListRange): Promise<ListPage<{ id: string }>> =>
    findPage<{ id: string }>(
      on,
      {
        columns: 'id',
        from: 'item',
        where: 'owner = $1',
        values: ['ann'],
        time: 'at',
        id: 'id',
        matching: { status },
      },
      range,
    );
const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);
const newestFirst = (rows: readonly Row[]): Row[] =>
  rows.toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));

const startMs = Date.UTC(2026, 10, 24);
const inHour = fc.integer({ min: 0, max: 20 }).map((at) => startMs + at);
const row = (prefix: string) =>
  fc.record({
    id: fc.uuid().map((id) => prefix + id),
    atMs: inHour,
    owner: fc.constantFrom('ann', 'ann', 'ben'),
    status: fc.constantFrom('open', 'closed'),
  });
const rowsOf = (prefix: string, maxLength: number) =>
  fc.uniqueArray(row(prefix), { selector: ({ id }) => id, maxLength });

describe('the pages of a list', () => {
  test('show each row that existed at the start once, newest first, while rows are inserted', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsOf('a', 25),
        rowsOf('b', 25),
        fc.integer({ min: 1, max: 9 }),
        fc.option(inHour, { nil: undefined }),
        fc.option(inHour, { nil: undefined }),
        fc.constantFrom(undefined, 'open'),
        async (existing, later, limit, fromMs, toMs, status) => {
          await pool.query('TRUNCATE item');
          await insert(existing);
          const waiting = [...later];
          const shown = await readList(pageOf(status), { limit, fromMs, toMs }, () =>
            insert(waiting.splice(0, 3)),
          );
          const wanted = newestFirst(existing).filter(
            ({ owner, atMs, status: own }) =>
              owner === 'ann' &&
              (fromMs === undefined || atMs >= fromMs) &&
              (toMs === undefined || atMs < toMs) &&
              (status === undefined || own === status),
          );
          expect(idsOf(shown).filter((id) => id.startsWith('a'))).toEqual(idsOf(wanted));
          expect(new Set(idsOf(shown)).size).toBe(shown.length);
        },
      ),
    );
  });

  test('cost the same however long the list is and wherever the page begins', async () => {
    const rows = 100_000;
    await pool.query(
      `INSERT INTO item SELECT 'x' || n, 'ann', CASE WHEN n = 1 THEN 'open' ELSE 'closed' END, to_timestamp(n)
       FROM generate_series(1, $1::int) AS n`,
      [rows],
    );
    await pool.query('ANALYZE item');
    const limit = 50;
    const middle = { timeMs: (rows / 2) * 1_000, id: 'x' };
    const whole = { limit, after: undefined, fromMs: undefined, toMs: undefined };
    for (const range of [
      whole,
      { ...whole, after: middle },
      { ...whole, toMs: middle.timeMs },
      { ...whole, after: middle, fromMs: 0, toMs: rows * 1_000 },
    ]) {
      const work = await workOf(pool, (on) => pageOf(undefined, on)(range));
      expect(work).toEqual({ rowsRead: limit + 1, sequentialScans: [] });
      const filtered = await workOf(pool, (on) => pageOf('open', on)(range));
      expect(filtered).toEqual({ rowsRead: EXAMINED_ROWS_MAX, sequentialScans: [] });
    }
    expect(idsOf(await readList(pageOf('open'), { limit }))).toEqual(['x1']);
  });
});

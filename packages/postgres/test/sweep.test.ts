import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sweep, type Pool } from '../src/index.ts';
import { openTestDatabase, type TestDatabase } from '../src/testing.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase();
  ({ pool } = database);
  await pool.query('CREATE TABLE entry (id int PRIMARY KEY, is_expired boolean NOT NULL)');
});
afterAll(() => database.close());

const expired = {
  text: 'DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE is_expired AND id < $1 LIMIT $2)',
  values: [1_000],
};
const PIECE_ROWS = 10;

/** Fills the table with expired rows and one that is not. */
async function fill(expiredRows: number): Promise<void> {
  await pool.query('TRUNCATE entry');
  await pool.query('INSERT INTO entry SELECT id, id > 0 FROM generate_series(0, $1::int) AS id', [
    expiredRows,
  ]);
}
const left = async (): Promise<bigint> =>
  (await pool.query<{ rows: bigint }>('SELECT count(*) AS rows FROM entry')).rows[0]!.rows;

describe('a sweep', () => {
  test.each([0, PIECE_ROWS - 1, PIECE_ROWS, 7 * PIECE_ROWS + 3])(
    'deletes %i expired rows, however small its pieces, and nothing else',
    async (rows) => {
      await fill(rows);
      await sweep(pool, expired, new AbortController().signal, PIECE_ROWS);
      expect(await left()).toBe(1n);
    },
  );

  test('ends after the current piece as its service stops', async () => {
    await fill(7 * PIECE_ROWS);
    const stopping = new AbortController();
    const swept = sweep(pool, expired, stopping.signal, PIECE_ROWS);
    stopping.abort();
    await swept;
    expect(await left()).toBe(BigInt(6 * PIECE_ROWS + 1));
  });
});

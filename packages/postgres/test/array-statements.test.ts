import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { insertRows, rowSource, updateRows, type Pool } from '../src/index.ts';
import { openTestDatabase, type TestDatabase } from '../src/testing.ts';

interface Item {
  id: string;
  amountMinor: bigint | undefined;
  currency: string;
  seenAt: Date;
}

const insert = insertRows<Item>('item_insert', 'item', {
  id: ['text', ({ id }) => id],
  amount_minor: ['bigint', ({ amountMinor }) => amountMinor],
  currency: ['text', ({ currency }) => currency, 'shared'],
  seen_at: ['timestamptz', ({ seenAt }) => seenAt, 'shared'],
});

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase();
  ({ pool } = database);
  await pool.query(
    'CREATE TABLE item (id text PRIMARY KEY, amount_minor bigint, currency text, seen_at timestamptz)',
  );
});
beforeEach(() => pool.query('TRUNCATE item'));
afterAll(() => database.close());

const stored = async (): Promise<object[]> =>
  (
    await pool.query<object>(
      'SELECT id, amount_minor AS "amountMinor", currency, seen_at AS "seenAt" FROM item ORDER BY id',
    )
  ).rows;

describe('rows that are inserted by one statement', () => {
  const items = fc.uniqueArray(
    fc.record({
      id: fc.uuid(),
      amountMinor: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { nil: undefined }),
      currency: fc.constantFrom('EUR', 'CHF', '"NULL"', 'a,b'),
      seenAt: fc.constantFrom(new Date(0), new Date('2026-11-28T20:00:00.123Z')),
    }),
    { selector: ({ id }) => id, minLength: 1, maxLength: 20 },
  );

  test('are stored as they are, whether or not they share values', async () => {
    await fc.assert(
      fc.asyncProperty(items, async (rows) => {
        await pool.query('TRUNCATE item');
        await pool.query(insert(rows));
        const expected = rows.map((row) => ({ ...row, amountMinor: row.amountMinor ?? null }));
        expect(await stored()).toEqual(expected.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
      }),
      { numRuns: 50 },
    );
  });

  test('send a shared value once', () => {
    const row = { amountMinor: 1n, currency: 'EUR', seenAt: new Date(0) };
    const { values } = insert([
      { ...row, id: 'a' },
      { ...row, id: 'b', seenAt: new Date(1) },
    ]);
    expect(values).toEqual([['a', 'b'], [1n, 1n], [], [new Date(0), new Date(1)], 'EUR', null]);
  });

  test('follow their clause for conflicts', async () => {
    const once = insertRows<string>(
      'item_once',
      'item',
      { id: ['text', (id) => id] },
      { orElse: 'ON CONFLICT DO NOTHING RETURNING id' },
    );
    await pool.query(once(['a']));
    expect((await pool.query(once(['a', 'b']))).rows).toEqual([{ id: 'b' }]);
  });
});

describe('rows that are updated by one statement', () => {
  const update = updateRows<Pick<Item, 'id' | 'amountMinor'>>('item_update', 'item', 'id', {
    id: ['text', ({ id }) => id],
    amount_minor: ['bigint', ({ amountMinor }) => amountMinor],
  });

  test('are found by their key; others and other columns stay', async () => {
    const row = { currency: 'EUR', seenAt: new Date(0) };
    await pool.query(
      insert([
        { ...row, id: 'a', amountMinor: 1n },
        { ...row, id: 'b', amountMinor: 2n },
        { ...row, id: 'c', amountMinor: 3n },
      ]),
    );
    const { rowCount } = await pool.query(
      update([
        { id: 'a', amountMinor: 10n },
        { id: 'c', amountMinor: undefined },
        { id: 'none', amountMinor: 0n },
      ]),
    );
    expect(rowCount).toBe(2);
    expect(await stored()).toEqual([
      { ...row, id: 'a', amountMinor: 10n },
      { ...row, id: 'b', amountMinor: 2n },
      { ...row, id: 'c', amountMinor: null },
    ]);
  });
});

describe('a source of rows', () => {
  test('keeps the order of the rows, before the parameters of the statement', async () => {
    const source = rowSource<string>({ id: ['text', (id) => id] });
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id || $${source.parameterCount + 1} AS id FROM (${source.sql}) AS asked`,
      [...source.values(['b', 'a']), '!'],
    );
    expect(rows.map(({ id }) => id)).toEqual(['b!', 'a!']);
  });
});

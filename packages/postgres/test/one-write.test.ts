import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { transaction, type Pool } from '../src/index.ts';
import { openTestDatabase, type TestDatabase } from '../src/testing.ts';
import { PG_VERSION, socketOf } from '../src/wire/one-write.ts';

let database: TestDatabase;
let socket: Writable;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase();
  pool = database.pool;
  pool.on('acquire', (client) => (socket = socketOf(client)));
});
afterAll(() => database.close());

test('the statements of one turn in a transaction leave together, and the commit with the writes', async () => {
  let held = 0;
  const found = await transaction(pool, async (tx) => {
    const answers = [1, 2, 3].map((value) => tx.query<{ value: number }>('SELECT $1::int AS value', [value]));
    held = socket.writableCorked;
    const rows = (await Promise.all(answers)).flatMap((answer) => answer.rows);
    expect(socket.writableCorked).toBe(0);
    tx.write({ text: 'SELECT 4' });
    return rows.map(({ value }) => value);
  });
  expect(held).toBe(1);
  expect(found).toEqual([1, 2, 3]);
  expect(socket.writableCorked).toBe(0);
});

test('a statement that fails leaves the socket as it was', async () => {
  await expect(transaction(pool, (tx) => tx.query('SELECT nothing'))).rejects.toThrow('nothing');
  expect(socket.writableCorked).toBe(0);
});

test('the socket of a client is where this version of pg has it', () => {
  const { version } = createRequire(import.meta.url)('pg/package.json') as { version: string };
  // If this fails: read how the new version sends statements, measure, then change the constant.
  expect(version).toBe(PG_VERSION);
});

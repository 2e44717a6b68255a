import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CodedError } from '@tallystick/contracts';
import { transaction } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';

import { attempt } from '../src/index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool.query('CREATE TABLE note (text text)');
});
afterAll(() => database.close());
beforeEach(() => database.pool.query('TRUNCATE note'));

const INSERT = 'INSERT INTO note VALUES ($1)';
const notes = async (): Promise<string[]> =>
  (await database.pool.query<{ text: string }>('SELECT text FROM note ORDER BY 1')).rows.map(
    ({ text }) => text,
  );

describe('an attempt within a transaction', () => {
  test('rolls back the work if it refuses, including statements without an await, and keeps other work', async () => {
    const results = await transaction(database.pool, async (tx) => {
      tx.write({ text: INSERT, values: ['before'] });
      const refused = await attempt(tx, async () => {
        await tx.query(INSERT, ['refused']);
        tx.write({ text: INSERT, values: ['refused too'] });
        throw new CodedError('resource.not_found');
      });
      return [
        refused,
        await attempt(tx, async () => {
          await tx.query(INSERT, ['after']);
          return 'done';
        }),
      ];
    });
    expect(results).toEqual([expect.objectContaining({ code: 'resource.not_found' }), 'done']);
    expect(await notes()).toEqual(['after', 'before']);
  });

  test('fails the transaction if a statement fails', async () => {
    const broken = transaction(database.pool, async (tx) => {
      await tx.query(INSERT, ['before']);
      await attempt(tx, () => tx.query('SELECT 1 / 0'));
    });
    await expect(broken).rejects.toMatchObject({ code: '22012' });
    expect(await notes()).toEqual([]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { accountSchema } from '@tallystick/account/store/schema.ts';
import { messagingMigrations } from '@tallystick/messaging';
import { openTestDatabase } from '@tallystick/postgres/testing';
import { blocksOfDocuments } from './shown-blocks.ts';

describe('the blocks of SQL', () => {
  test('run on the tables of the account service, and find nothing in books that balance', async () => {
    const blocks = blocksOfDocuments().filter(({ language }) => language === 'sql');
    expect(blocks.length).toBeGreaterThan(0);
    const { pool, close } = await openTestDatabase(messagingMigrations, accountSchema);
    try {
      for (const { code } of blocks) {
        const results = (await pool.query(code)) as unknown as { rows: unknown[] }[];
        expect(results.map(({ rows }) => rows)).toEqual(results.map(() => []));
      }
    } finally {
      await close();
    }
  });
});

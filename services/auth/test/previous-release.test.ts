import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { authSchema } from '../src/store/schema.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase(authSchema);
});
afterAll(() => database.close());

/** Statements of the release before the tables got singular names. */
describe('the previous release on migrated tables', () => {
  test('stores, consumes and sweeps records of OpenID Connect', async () => {
    const { pool } = database;
    const upsert = () =>
      pool.query(
        `INSERT INTO oidc_records AS kept (model, id, payload, uid, user_code, grant_id, expires_at)
         VALUES ('Session', 'a', '{}', NULL, NULL, 'g', now() - interval '1 second')
         ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
      );
    await upsert();
    await upsert();
    const consumed = await pool.query(
      'UPDATE oidc_records SET consumed_at = now() WHERE model = $1 AND id = $2 AND consumed_at IS NULL',
      ['Session', 'a'],
    );
    expect(consumed.rowCount).toBe(1);
    const swept = await pool.query(
      `DELETE FROM oidc_records WHERE (model, id) IN (
         SELECT model, id FROM oidc_records WHERE expires_at <= now()
         ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED)`,
    );
    expect(swept.rowCount).toBe(1);
  });

  test('counts sign-in attempts', async () => {
    const limiter = new RateLimiterPostgres({
      storeClient: database.pool,
      storeType: 'pool',
      tableName: 'sign_in_attempts',
      tableCreated: true,
      clearExpiredByTimeout: false,
      points: 1,
      duration: 60,
    });
    await limiter.consume('ada');
    await expect(limiter.consume('ada')).rejects.toMatchObject({ consumedPoints: 2 });
    await limiter.delete('ada');
    expect((await database.pool.query('SELECT * FROM sign_in_attempt')).rows).toEqual([]);
  });

  test('seeds customers and reads keys', async () => {
    const put = (name: string) =>
      database.pool.query(
        `INSERT INTO customers (id, email, name, password_hash) VALUES ('usr_1', 'ada@example.com', $1, 'hash')
         ON CONFLICT (id) DO UPDATE
           SET email = excluded.email, name = excluded.name, password_hash = excluded.password_hash`,
        [name],
      );
    await put('Ada');
    await put('Ada L.');
    expect((await database.pool.query('SELECT name FROM customer')).rows).toEqual([{ name: 'Ada L.' }]);
    expect((await database.pool.query('SELECT * FROM producer_keys ORDER BY created_at, kid')).rows).toEqual(
      [],
    );
  });
});

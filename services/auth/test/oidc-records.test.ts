import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sweep, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import type { Adapter } from 'oidc-provider';
import { adapterFactory } from '../src/oidc/adapter.ts';
import { createOidcRecords, EXPIRED_RECORDS, type OidcRecords } from '../src/store/oidc-records.ts';
import { EXPIRED_ATTEMPTS } from '../src/store/sign-in-attempts.ts';
import { authSchema } from '../src/store/schema.ts';

let database: TestDatabase;
let pool: Pool;
let records: OidcRecords;
const adapter = (model: string): Adapter => adapterFactory(records)(model);

beforeAll(async () => {
  database = await openTestDatabase(authSchema);
  ({ pool } = database);
  records = createOidcRecords(pool);
});
beforeEach(() => pool.query('TRUNCATE oidc_record'));
afterAll(() => database.close());

describe('the adapter', () => {
  test('finds the latest version of a record, with its id', async () => {
    const codes = adapter('AuthorizationCode');
    await codes.upsert('code-1', { jti: 'code-1', scope: 'openid' }, 60);
    await codes.upsert('code-1', { jti: 'code-1', scope: 'openid accounts:read' }, 60);
    expect(await codes.find('code-1')).toEqual({ jti: 'code-1', scope: 'openid accounts:read' });
    expect(await codes.find('code-2')).toBeUndefined();
    expect(await adapter('RefreshToken').find('code-1')).toBeUndefined();
  });

  test('finds a session by its uid', async () => {
    await adapter('Session').upsert('s-1', { jti: 's-1', uid: 'u-1' }, 60);
    expect(await adapter('Session').findByUid('u-1')).toEqual({ jti: 's-1', uid: 'u-1' });
  });

  test('lets one of many concurrent callers consume', async () => {
    const codes = adapter('AuthorizationCode');
    await codes.upsert('t', { jti: 't' }, 60);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => codes.consume('t')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await codes.find('t')).toMatchObject({ consumed: expect.any(Number) });
  });

  test('accepts a replay mark once while it lives, and again after it expires', async () => {
    const marks = adapter('ReplayDetection');
    await marks.upsert('m', { jti: 'm' }, 60);
    await expect(marks.upsert('m', { jti: 'm' }, 60)).rejects.toThrow('invalid_request');
    await pool.query("UPDATE oidc_record SET expires_at = now() - interval '1 second'");
    await expect(marks.upsert('m', { jti: 'm' }, 60)).resolves.toBeUndefined();
  });

  test('revokes only the records of the grant', async () => {
    await adapter('RefreshToken').upsert('r', { jti: 'r', grantId: 'g' }, 60);
    await adapter('AuthorizationCode').upsert('c', { jti: 'c', grantId: 'g' }, 60);
    await adapter('RefreshToken').upsert('other', { jti: 'other', grantId: 'h' }, 60);
    await adapter('RefreshToken').revokeByGrantId('g');
    expect(await adapter('RefreshToken').find('r')).toBeUndefined();
    expect(await adapter('AuthorizationCode').find('c')).toBeUndefined();
    expect(await adapter('RefreshToken').find('other')).toBeDefined();
  });

  test('refuses a NUL character, which the database cannot store', async () => {
    await expect(adapter('Interaction').upsert('i', { uid: 'a\0b' }, 60)).rejects.toThrow('invalid_request');
  });
});

describe('sweeps', () => {
  const { signal } = new AbortController();

  test('delete expired records and keep living ones', async () => {
    for (const id of ['a', 'b', 'c']) await adapter('Session').upsert(id, { jti: id, uid: id }, 60);
    await pool.query("UPDATE oidc_record SET expires_at = now() - interval '1 second' WHERE id <> 'c'");
    await adapter('Client').upsert('for-ever', { client_id: 'for-ever' });
    await sweep(pool, EXPIRED_RECORDS, signal);
    const { rows } = await pool.query(
      "SELECT id FROM oidc_record WHERE model = 'Session' AND id IN ('a', 'b', 'c')",
    );
    expect(rows).toEqual([{ id: 'c' }]);
    expect(await adapter('Client').find('for-ever')).toBeDefined();
  });

  test('delete expired sign-in attempts', async () => {
    await pool.query('INSERT INTO sign_in_attempt VALUES ($1, 1, $2), ($3, 1, $4)', [
      'old',
      1,
      'new',
      Date.now() + 60_000,
    ]);
    await sweep(pool, EXPIRED_ATTEMPTS, signal);
    expect((await pool.query('SELECT key FROM sign_in_attempt')).rows).toEqual([{ key: 'new' }]);
  });
});

import { afterAll, beforeAll, expect, describe, test } from '@jest/globals';
import { createPool, type Pool } from '@tallystick/postgres';
import { workOf } from '@tallystick/postgres/testing';
import { findConsentPage } from '../src/store/access.ts';
import { findKeyPage } from '../src/store/producer-keys.ts';
import { ada, newSigningKey, runAuth, type RunningAuth } from './auth-service.ts';
import { Browser } from '@tallystick/pages/testing';
import { OperatorClient, WalletClient } from './client.ts';

const SCOPE = 'openid offline_access accounts:read consents:read';
const SECOND_MS = 1_000;

let auth: RunningAuth;
let pool: Pool;
beforeAll(async () => {
  auth = await runAuth();
  pool = createPool({ url: auth.postgresUrl, applicationName: 'test' });
});
afterAll(async () => {
  await pool.end();
  await auth.stop();
});

type Call = (query: string) => Promise<{ body: unknown }>;

/** Reads all pages as a client does. @returns the rows of each page */
async function pagesOf(call: Call, limit: number): Promise<Record<string, string>[][]> {
  const pages: Record<string, string>[][] = [];
  let cursor: string | undefined;
  do {
    const { body } = await call(`?limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
    const { nextCursor, ...rows } = body as { nextCursor?: string };
    pages.push(...(Object.values(rows) as Record<string, string>[][]));
    cursor = nextCursor;
  } while (cursor !== undefined);
  return pages;
}

/** Copies the newest consent, one a second before each other, from this second on. */
const insertConsents = (rows: number, endS: number): Promise<unknown> =>
  pool.query(
    `INSERT INTO oidc_record (model, id, payload)
     SELECT 'Grant', 'copy' || n, payload || jsonb_build_object('iat', $2::int - n)
     FROM (SELECT payload FROM oidc_record WHERE model = 'Grant' LIMIT 1) AS one, generate_series(1, $1::int) AS n`,
    [rows, endS],
  );

describe('the list of keys', () => {
  test('has pages, newest first, with each key once', async () => {
    const operator = await OperatorClient.create(auth);
    const list: Call = (query) => operator.call('GET', `/v1/producers${query}`);
    const all = (await pagesOf(list, 1_000)).flat();
    const { rows } = await pool.query<{ kid: string }>(
      'SELECT kid FROM producer_key ORDER BY created_at DESC, kid DESC',
    );
    expect(all.map(({ kid }) => kid)).toEqual(rows.map(({ kid }) => kid));
    expect(all.length).toBeGreaterThan(1);
    expect(await pagesOf(list, 1)).toEqual(all.map((one) => [one]));
  });

  test('refuses the cursor of no page and an unknown filter', async () => {
    const operator = await OperatorClient.create(auth);
    for (const query of ['?cursor=AAAA', '?status=active'])
      expect(await operator.call('GET', `/v1/producers${query}`)).toMatchObject({
        status: 400,
        body: { code: 'request.invalid' },
      });
  });
});

describe('the list of consents', () => {
  test('has pages, newest first, and obeys times', async () => {
    const client = new WalletClient(auth.url, await newSigningKey());
    const tokens = await client.exchange(await client.code({ scope: SCOPE }, new Browser()));
    const own = new OperatorClient(auth, client.key, tokens.access_token!);
    const list: Call = (query) => own.call('GET', `/v1/consents${query}`);
    const [[first]] = (await pagesOf(list, 10)) as [[{ consentId: string; grantedAt: string }]];
    await insertConsents(4, Date.parse(first.grantedAt) / SECOND_MS);
    const ids = [first.consentId, 'copy1', 'copy2', 'copy3', 'copy4'];
    expect((await pagesOf(list, 2)).map((page) => page.map(({ consentId }) => consentId))).toEqual([
      ids.slice(0, 2),
      ids.slice(2, 4),
      ids.slice(4),
    ]);
    const at = (seconds: number): string =>
      new Date(Date.parse(first.grantedAt) + seconds * SECOND_MS).toISOString();
    const { body } = await list(`?from=${at(-2)}&to=${at(0)}`);
    expect((body as { consents: object[] }).consents).toMatchObject([
      { consentId: 'copy1' },
      { consentId: 'copy2' },
    ]);
    await pool.query(`DELETE FROM oidc_record WHERE id LIKE 'copy%'`);
  });
});

test('a page reads its rows from an index, of 100,000', async () => {
  const [rows, limit, endS] = [100_000, 50, 1_700_000_000];
  await insertConsents(rows, endS);
  await pool.query(
    `INSERT INTO producer_key (kid, producer_id, public_jwk, use, permissions, not_before_s, expires_at_s, status, certificate,
       created_at, batch)
     SELECT 'kid' || n, 'many', public_jwk, use, permissions, not_before_s, expires_at_s, status, certificate,
       to_timestamp($2::int - n), batch
     FROM (SELECT * FROM producer_key LIMIT 1) AS one, generate_series(1, $1::int) AS n`,
    [rows, endS],
  );
  await pool.query('ANALYZE oidc_record, producer_key');
  const after = { timeMs: (endS - rows / 2) * SECOND_MS, id: '' };
  const range = { limit, after, fromMs: 0, toMs: undefined };
  const keys = await workOf(pool, (on) => findKeyPage(on, range));
  expect(keys).toEqual({ rowsRead: limit + 1, sequentialScans: [] });
  // Each consent with its client.
  const consents = await workOf(pool, (on) => findConsentPage(on, ada.id, range));
  expect(consents.sequentialScans).toEqual([]);
  expect(consents.rowsRead).toBeLessThanOrEqual(2 * (limit + 1));
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { operations, type AuditEntry } from '@tallystick/contracts';
import { runAdminCommand } from '@tallystick/messaging';
import { createPool, type Pool } from '@tallystick/postgres';
import { decodeJwt } from 'jose';
import { ada, bob, newSigningKey, runAuth, type RunningAuth } from './auth-service.ts';
import { Browser } from '@tallystick/pages/testing';
import {
  OperatorClient,
  opsAssertion,
  proofFor,
  requestToken,
  WalletClient,
  type TokenAnswer,
} from './client.ts';

const SCOPE = 'openid offline_access accounts:read payments:write consents:read consents:write';

let auth: RunningAuth;
let reader: OperatorClient;
let support: OperatorClient;
let wallet: WalletClient;
/** The owner's connection: a service has no right to change its audit. */
let owner: Pool;

beforeAll(async () => {
  auth = await runAuth();
  reader = await OperatorClient.create(auth, 'audit:read ledger:read');
  support = await OperatorClient.create(auth, 'clients:disable customers:disable sessions:end');
  wallet = new WalletClient(auth.url, await newSigningKey());
  owner = createPool({ url: auth.postgresUrl, applicationName: 'test', onIdleError: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await auth.stop();
});

type Listed = AuditEntry & { seq: number; hash: string };

async function entries(query: Record<string, string> = {}): Promise<Listed[]> {
  const path = `${operations.authAuditList.path}?${new URLSearchParams({ limit: '200', ...query }).toString()}`;
  const { status, body } = await reader.call('GET', path);
  expect(status).toBe(200);
  return (body as { entries: Listed[] }).entries;
}

const verdict = async (): Promise<{ status: number; printed: unknown }> => {
  const lines: string[] = [];
  const status = await runAdminCommand(
    ['verify-audit', 'auth.audit.v1'],
    {
      KAFKA_BROKERS: auth.kafkaBrokers.join(','),
      TOPIC_PREFIX: auth.topicPrefix,
      POSTGRES_URL: auth.postgresUrl,
      TRUST_ANCHORS_FILE: auth.trustAnchorsFile,
    },
    (line) => lines.push(line),
  );
  return { status, printed: JSON.parse(lines.join('')) };
};

const signIn = async (): Promise<TokenAnswer> =>
  wallet.exchange(await wallet.code({ scope: SCOPE }, new Browser()));

test('the seed of a key is audited', async () => {
  const seeded = await entries({ action: 'auth.key.seed' });
  expect(seeded.map(({ object }) => object)).toContain(`payment ${auth.paymentKey.kid}`);
});

test('a sign-in and its consent are audited, with the customer and without the name that was typed', async () => {
  await signIn();
  const [, consent, signedIn] = await entries({ actor: ada.id });
  expect(consent).toMatchObject({ action: 'auth.consent.give', clientId: 'wallet', outcome: 'done' });
  expect(signedIn).toMatchObject({ action: 'auth.sign_in', object: ada.id, outcome: 'done' });
  expect(JSON.stringify(await entries())).not.toContain('@');
});

test.each([
  ['by a code', 'authorization_code', signIn],
  ['by a refresh', 'refresh_token', async () => wallet.refresh((await signIn()).refresh_token)],
])(
  'a token that a customer’s client gets %s is audited, never the token itself',
  async (_name, grantType, get) => {
    const issued = await get();
    const { jti, grant_id: grantId } = decodeJwt(issued.access_token!);
    const [entry] = await entries({ action: `auth.token.${grantType}` });
    expect(entry).toMatchObject({
      actor: ada.id,
      clientId: 'wallet',
      object: `${jti} ${wallet.key.kid} ${String(grantId)}`,
      outcome: 'done',
    });
    const [all, signature] = [JSON.stringify(await entries()), issued.access_token!.split('.')[2]!];
    for (const secret of [signature, issued.refresh_token!]) expect(all).not.toContain(secret);
  },
);

test('a token of a client that acts for itself is audited', async () => {
  const key = await newSigningKey();
  const asked = { grant_type: 'client_credentials', scope: 'producers:write' };
  const body = { ...asked, ...(await opsAssertion(auth.url, auth.opsKey)) };
  const { access_token: token } = await requestToken(auth.url, body, await proofFor(key, auth.url));
  expect((await entries({ action: 'auth.token.client_credentials' }))[0]).toMatchObject({
    actor: 'ops',
    clientId: 'ops',
    object: `${decodeJwt(token!).jti} ${key.kid}`,
  });
});

test('a refused request for a token leaves no entry of a token', async () => {
  const before = await entries({ action: 'auth.token.authorization_code' });
  expect((await wallet.exchange('no code')).status).toBe(400);
  expect(await entries({ action: 'auth.token.authorization_code' })).toEqual(before);
});

test('a sign-in with a wrong password is audited as refused', async () => {
  const before = (await entries({ actor: bob.id })).length;
  const mistaken = new WalletClient(auth.url, wallet.key, { ...bob, password: 'wrong' });
  await expect(mistaken.code()).rejects.toThrow();
  const [refused, ...others] = await entries({ actor: bob.id });
  expect(refused).toMatchObject({ action: 'auth.sign_in', outcome: 'sign_in.wrong' });
  expect(others).toHaveLength(before);
});

test('an operator’s act is audited, and so is one without the right', async () => {
  await support.call('POST', `/v1/customers/${bob.id}/sessions/end`, {});
  const refused = await reader.call('POST', `/v1/customers/${bob.id}/sessions/end`, {});
  expect(refused.status).toBe(403);
  expect(await entries({ action: 'auth.sessions.end' })).toMatchObject([
    { actor: 'ops-reader', outcome: 'token.scope_insufficient' },
    { actor: 'ops-support', object: bob.id, outcome: 'done' },
  ]);
});

test('a consent that its client revokes is audited', async () => {
  const tokens = await signIn();
  await wallet.revoke(tokens.refresh_token!);
  expect((await entries({ action: 'auth.consent.end' }))[0]).toMatchObject({ actor: 'wallet' });
});

test('the list goes on page by page', async () => {
  const all = await entries();
  const { body } = await reader.call('GET', `${operations.authAuditList.path}?limit=2`);
  const { nextCursor } = body as { nextCursor: string };
  const next = await reader.call('GET', `${operations.authAuditList.path}?limit=2&cursor=${nextCursor}`);
  const seqs = (next.body as { entries: Listed[] }).entries.map(({ seq }) => seq);
  expect(all.map(({ seq }) => seq)).toEqual(expect.arrayContaining(seqs));
  expect(Math.max(...seqs)).toBeLessThan(Number(nextCursor));
});

test('a service whose database was restored gets the later entries back, and its chain fits the topic', async () => {
  await auth.halt();
  const { rows } = await owner.query<{ seq: string; hash: Buffer }>(
    'SELECT seq, hash FROM audit_link ORDER BY seq',
  );
  const told = await owner.query<{ seq: string }>('SELECT seq FROM audit_told');
  expect(told.rows[0]!.seq).toBe(rows.at(-1)!.seq);
  // As in a backup that is older than the last three entries and everything since the first of them.
  const lost = Number(rows.at(-3)!.seq);
  await owner.query(`
    WITH gone AS (DELETE FROM audit_link WHERE seq >= ${lost} RETURNING entry_id) SELECT count(*) FROM gone;
    DELETE FROM audit_entry e WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.entry_id = e.entry_id);
    UPDATE audit_told SET seq = ${lost - 1};
    DELETE FROM outbox`);
  await auth.restart();
  const restored = await owner.query<{ seq: string; hash: Buffer }>(
    'SELECT seq, hash FROM audit_link ORDER BY seq',
  );
  expect(restored.rows.slice(0, rows.length)).toEqual(rows);
  expect(await verdict()).toMatchObject({ status: 0, printed: { isIntact: true } });
}, 60_000);

test('an entry that the owner of the database changes is named', async () => {
  expect(await verdict()).toMatchObject({ status: 0, printed: { isIntact: true } });
  const [, second] = (await entries()).toReversed();
  await owner.query(
    `UPDATE audit_entry SET content = replace(content, '"outcome":"done"', '"outcome":"none"') WHERE entry_id = $1`,
    [second!.entryId],
  );
  expect(await verdict()).toEqual({
    status: 1,
    printed: { isIntact: false, seq: 2, entryId: second!.entryId, fault: 'changed' },
  });
});

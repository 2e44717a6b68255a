import { auditMigrations } from '@tallystick/audit';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OutgoingRecord } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { Keyring, type SigningKey } from '@tallystick/security';
import type { KeyRegistration } from '../src/domain/producer-key.ts';
import { Registrar } from '../src/app/registrar.ts';
import { tokenKeyRegistration } from '../src/keys/keys.ts';
import { authSchema } from '../src/store/schema.ts';
import { certifiedRegistrar, newSigningKey, revocationOf } from './auth-service.ts';

let database: TestDatabase;
let pool: Pool;
let root: SigningKey;
let acme: KeyRegistration;
beforeAll(async () => {
  database = await openTestDatabase(auditMigrations, authSchema);
  ({ pool } = database);
  root = await newSigningKey();
  const { kid, publicJwk } = await newSigningKey();
  const jwk = publicJwk as KeyRegistration['publicJwk'];
  acme = { kid, producerId: 'acme', publicJwk: jwk, use: 'sig', permissions: [], batch: false };
});
afterAll(() => database.close());

/** Starts a registrar with its own key on the shared database. @returns its key and published records */
async function begin(seed: readonly KeyRegistration[]): Promise<{ key: SigningKey; published: string[] }> {
  const { key, certificate } = await certifiedRegistrar(root);
  const published: OutgoingRecord[] = [];
  const registrar = new Registrar({
    pool,
    transact: (work) => transaction(pool, (tx) => work(tx, (records) => void published.push(...records))),
    key,
    certificate,
    topicPrefix: '',
    nowMs: Date.now,
    onFailure: (error) => {
      throw error;
    },
  });
  await registrar.seed(seed);
  return { key, published: published.map(({ value }) => value!.toString()) };
}

describe('a registrar with a new key', () => {
  test('re-certifies the keys of the previous registrar key, so that the root can revoke it', async () => {
    const first = await begin([acme]);
    const second = await begin([]);
    const keyring = await Keyring.create({ trustAnchors: [root.publicJwk] });
    for (const record of [...first.published, await revocationOf(first.key, root), ...second.published])
      await keyring.take(record);
    expect(keyring.find(acme.kid)?.certificate.status).toBe('active');
    const newcomer = await Keyring.create({ trustAnchors: [root.publicJwk] });
    for (const record of [await revocationOf(first.key, root), ...second.published])
      await newcomer.take(record);
    expect(newcomer.find(acme.kid)?.certificate.status).toBe('active');
  });
});

describe('a token key that was replaced', () => {
  /** An access token lives for 15 minutes at most, and as evidence it is checked for another hour. */
  const KEPT_MS = 76 * 60_000;

  test('is revoked once nothing needs it, and not while a replica uses it', async () => {
    let nowMs = Date.now();
    const tokenKey = async (): Promise<KeyRegistration> => {
      const { kid, publicJwk } = await newSigningKey();
      return tokenKeyRegistration({ ...publicJwk, kid });
    };
    const [first, second] = await Promise.all([tokenKey(), tokenKey()]);
    const { key, certificate } = await certifiedRegistrar(root);
    const replica = (): Registrar =>
      new Registrar({
        pool,
        transact: (work) => transaction(pool, (tx) => work(tx, () => undefined)),
        key,
        certificate,
        topicPrefix: '',
        nowMs: () => nowMs,
        onFailure: (error) => {
          throw error;
        },
      });
    const [earlier, later] = [replica(), replica()];
    const statusOf = async ({ kid }: KeyRegistration): Promise<string | undefined> =>
      (await later.list()).find((one) => one.kid === kid)?.status;

    await earlier.useTokenKey(first);
    await later.useTokenKey(second);
    nowMs += KEPT_MS - 1_000;
    await earlier.retireTokenKeys();
    await later.retireTokenKeys();
    nowMs += KEPT_MS - 1_000;
    await later.retireTokenKeys();
    expect(await statusOf(first)).toBe('active');
    nowMs += 2_000;
    await later.retireTokenKeys();
    expect([await statusOf(first), await statusOf(second)]).toEqual(['revoked', 'active']);
  });
});

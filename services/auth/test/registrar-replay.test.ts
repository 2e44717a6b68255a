import { auditMigrations } from '@tallystick/audit';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RewoundDatabaseError, type OutgoingRecord } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase } from '@tallystick/postgres/testing';
import { Keyring, signSnapshot, type SigningKey } from '@tallystick/security';
import type { KeyRegistration } from '../src/domain/producer-key.ts';
import { Registrar } from '../src/app/registrar.ts';
import { authSchema } from '../src/store/schema.ts';
import { certifiedRegistrar, newSigningKey } from './auth-service.ts';

let nowMs = Date.now();
const HOUR_MS = 3_600_000;
const stops: (() => Promise<void>)[] = [];
let root: SigningKey;
let certified: Awaited<ReturnType<typeof certifiedRegistrar>>;
/** The key topic, which survives the loss of a database. */
const keyTopic: OutgoingRecord[] = [];
let lost: { registrar: Registrar; pool: Pool };
let acme: KeyRegistration;
let zoe: KeyRegistration;

/** Creates a registrar on an empty database. @param published the current version on the key topic */
async function newRegistrar(
  published = 0,
): Promise<{ registrar: Registrar; pool: Pool; rewinds: RewoundDatabaseError[] }> {
  const rewinds: RewoundDatabaseError[] = [];
  const { pool, close } = await openTestDatabase(auditMigrations, authSchema);
  stops.push(close);
  const registrar = new Registrar({
    pool,
    transact: (work) => transaction(pool, (tx) => work(tx, (records) => void keyTopic.push(...records))),
    key: certified.key,
    certificate: certified.certificate,
    topicPrefix: '',
    nowMs: () => nowMs,
    onFailure: (error) => {
      throw error;
    },
    publishedVersion: () => published,
    onRewound: (error) => void rewinds.push(error),
  });
  return { registrar, pool, rewinds };
}

const texts = (): string[] => keyTopic.map(({ value }) => value!.toString());

/** Creates the keyring of a service that has read the topic from its beginning. */
async function readerOf(records: readonly string[]): Promise<{ keyring: Keyring; alarms: string[] }> {
  const alarms: string[] = [];
  const keyring = await Keyring.create({
    trustAnchors: [root.publicJwk],
    now: () => nowMs,
    onAlarm: ({ kind }) => alarms.push(kind),
  });
  for (const record of records) await keyring.take(record);
  return { keyring, alarms };
}

async function registration(producerId: string): Promise<KeyRegistration> {
  const { kid, publicJwk } = await newSigningKey();
  const jwk = publicJwk as KeyRegistration['publicJwk'];
  return { kid, producerId, publicJwk: jwk, use: 'sig', permissions: [], batch: false };
}

beforeAll(async () => {
  root = await newSigningKey();
  certified = await certifiedRegistrar(root);
  [acme, zoe] = await Promise.all([registration('acme'), registration('zoe')]);
  lost = await newRegistrar();
  await lost.registrar.seed([acme, zoe]);
  await transaction(lost.pool, (tx) =>
    lost.registrar.revoke(tx, (records) => void keyTopic.push(...records), 'acme', acme.kid),
  );
});
afterAll(() => Promise.all(stops.map((stop) => stop())));

describe('a registrar whose database was lost', () => {
  test('restores revoked and certified keys from the key topic', async () => {
    const { registrar } = await newRegistrar();
    expect(await registrar.replay(texts(), [root.publicJwk])).toBe(2);
    expect(await registrar.seed([acme])).toEqual([acme.kid]);
    const { keyring, alarms } = await readerOf(texts());
    expect(keyring.find(acme.kid)?.certificate.status).toBe('revoked');
    expect(keyring.find(zoe.kid)?.certificate.status).toBe('active');
    expect(alarms).toEqual([]);
  });

  test('restores them even after the last snapshot has expired', async () => {
    nowMs += 3 * HOUR_MS;
    const { registrar } = await newRegistrar();
    expect(await registrar.replay(texts(), [root.publicJwk])).toBe(2);
    const statuses = (await registrar.list()).map(({ producerId, status }) => [producerId, status]);
    expect(Object.fromEntries(statuses)).toEqual({ acme: 'revoked', zoe: 'active' });
  });

  test('ignores records of a registrar that the root has not certified', async () => {
    const { registrar } = await newRegistrar();
    const stranger = await newSigningKey();
    expect(await registrar.replay([...texts(), 'noise'], [stranger.publicJwk])).toBe(0);
    expect(await registrar.list()).toEqual([]);
  });

  test('signs nothing after a restore at run time, which would make revoked keys trusted again', async () => {
    const { registrar, rewinds } = await newRegistrar(Math.floor(nowMs / 1_000));
    const before = keyTopic.length;
    await expect(registrar.refresh()).rejects.toThrow(RewoundDatabaseError);
    expect(rewinds).toHaveLength(1);
    expect(keyTopic).toHaveLength(before);
  });

  test('replays nothing if its database is up to date', async () => {
    const { registrar } = await newRegistrar();
    await registrar.replay(texts(), [root.publicJwk]);
    await registrar.seed([]);
    expect(await registrar.replay(texts(), [root.publicJwk])).toBe(0);
  });

  test('continues above the last version even without the topic, so that readers accept it', async () => {
    const { keyring, alarms } = await readerOf(texts());
    const before = keyring.version;
    keyTopic.length = 0;
    nowMs += 1_000;
    const { registrar } = await newRegistrar();
    await registrar.seed([zoe]);
    for (const text of texts()) await keyring.take(text);
    expect(keyring.version).toBeGreaterThan(before);
    expect(alarms).not.toContain('snapshot_rollback');
  });

  test('ignores a version that leaves no room for a successor, as a stolen key may have signed', async () => {
    const nowS = Math.floor(nowMs / 1_000);
    const claims = { version: Number.MAX_SAFE_INTEGER, iat: nowS, exp: nowS + 3_600, certificates: {} };
    const last = await signSnapshot(claims, certified.key);
    const { registrar } = await newRegistrar(claims.version);
    expect(await registrar.replay([...texts(), last], [root.publicJwk])).toBe(0);
    await registrar.seed([zoe]);
    const { keyring } = await readerOf(texts());
    expect(keyring.version).toBeGreaterThan(0);
    expect(keyring.find(zoe.kid)?.certificate.status).toBe('active');
  });
});

import { auditMigrations } from '@tallystick/audit';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OutgoingRecord } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { Keyring, type SigningKey } from '@tallystick/security';
import type { KeyRegistration } from '../src/domain/producer-key.ts';
import { Registrar } from '../src/app/registrar.ts';
import { authSchema } from '../src/store/schema.ts';
import { certifiedRegistrar, newSigningKey } from './auth-service.ts';

let database: TestDatabase;
let pool: Pool;
let root: SigningKey;
let registrar: Registrar;
let keyring: Keyring;
let asked: KeyRegistration;
let nowMs = Date.now();
let published: OutgoingRecord[] = [];
const alarms: string[] = [];
const TWENTY_MINUTES_MS = 20 * 60_000;

beforeAll(async () => {
  database = await openTestDatabase(auditMigrations, authSchema);
  ({ pool } = database);
  root = await newSigningKey();
  const { key, certificate } = await certifiedRegistrar(root);
  registrar = new Registrar({
    pool,
    transact: (work) => transaction(pool, (tx) => work(tx, (records) => (published = [...records]))),
    key,
    certificate,
    topicPrefix: '',
    nowMs: () => nowMs,
    onFailure: (error) => {
      throw error;
    },
  });
  keyring = await Keyring.create({
    trustAnchors: [root.publicJwk],
    now: () => nowMs,
    onAlarm: ({ kind }) => alarms.push(kind),
  });
  const producer = await newSigningKey();
  const publicJwk = producer.publicJwk as KeyRegistration['publicJwk'];
  asked = { kid: producer.kid, producerId: 'acme', publicJwk, use: 'sig', permissions: [], batch: false };
});
afterAll(() => database.close());

const readAll = async (): Promise<void> => {
  for (const { value } of published) await keyring.take(value!.toString());
};

describe('the snapshot', () => {
  test('comes last, after the registrar’s certificate and all others', async () => {
    await registrar.seed([asked]);
    expect(published.map(({ key }) => key?.toString()).slice(1)).toEqual([asked.kid, 'snapshot']);
    await readAll();
    expect(keyring.version).toBe(Math.floor(nowMs / 1_000));
    expect(keyring.find(asked.kid)?.producerId).toBe('acme');
  });

  test('is renewed after a third of its lifetime', async () => {
    nowMs += TWENTY_MINUTES_MS - 60_000;
    expect(await registrar.refresh()).toBe(false);
    nowMs += 61_000;
    expect(await registrar.refresh()).toBe(true);
    await readAll();
    expect(keyring.version).toBe(Math.floor(nowMs / 1_000));
    nowMs += 2.5 * TWENTY_MINUTES_MS;
    expect(keyring.freshness).toBe('fresh');
    nowMs += TWENTY_MINUTES_MS;
    expect(keyring.freshness).not.toBe('fresh');
  });

  test('is complete: a new reader needs no older records', async () => {
    await registrar.refresh();
    const fresh = await Keyring.create({ trustAnchors: [root.publicJwk], now: () => nowMs });
    for (const { value } of published) await fresh.take(value!.toString());
    expect(fresh.find(asked.kid)?.certificate.status).toBe('active');
    expect(alarms).toEqual([]);
  });

  test('gets a separate version from each of several concurrent changes', async () => {
    const version = async (): Promise<bigint> =>
      (await pool.query<{ version: bigint }>('SELECT version FROM key_snapshot')).rows[0]!.version;
    const before = await version();
    await Promise.all(Array.from({ length: 5 }, () => registrar.seed([asked])));
    expect(await version()).toBe(before + 5n);
  });
});

describe('the seed', () => {
  test('refuses a key of another producer, with the name of that producer', async () => {
    await expect(registrar.seed([{ ...asked, producerId: 'evil' }])).rejects.toThrow(
      /SEED_FILE, producer evil/,
    );
  });

  test('does not restore a revoked key', async () => {
    await transaction(pool, (tx) => registrar.revoke(tx, () => {}, 'acme', asked.kid));
    expect(await registrar.seed([asked])).toEqual([asked.kid]);
    expect(await registrar.list()).toMatchObject([{ kid: asked.kid, status: 'revoked' }]);
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from '@jest/globals';
import { messages, newId, newJti } from '@tallystick/contracts';
import { open, type SigningKey } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';

import type { Messaging } from '../src/index.ts';
import { KeysInUse } from '../src/keys/keys-in-use.ts';
import { eventually } from './eventually.ts';
import { readTopic, type TopicReader } from './read-topic.ts';
import {
  asPayment,
  authorizedOf,
  eventTopic,
  newKey,
  startWorld,
  toAcme,
  writeKey,
  type World,
} from './world.ts';

interface Line {
  text: string;
  lack?: string;
  kid?: string;
  err?: Error;
}

/** A secret as Kubernetes mounts it: its content is replaced atomically, by another link. */
class MountedSecret {
  readonly #directory: string;
  constructor(directory: string) {
    this.#directory = directory;
  }

  get file(): string {
    return join(this.#directory, 'signing-key.json');
  }

  async put(write: (file: string) => Promise<void>): Promise<void> {
    const version = `..${newJti()}`;
    await mkdir(join(this.#directory, version));
    await write(join(this.#directory, version, 'signing-key.json'));
    await symlink(version, join(this.#directory, '..data_tmp'));
    await rename(join(this.#directory, '..data_tmp'), join(this.#directory, '..data'));
    await symlink('..data/signing-key.json', this.file).catch(() => {});
  }
}

let world: World;
let events: TopicReader;
beforeAll(async () => {
  world = await startWorld();
  events = await readTopic(world.kafka, world.topicPrefix + eventTopic);
});
afterAll(async () => {
  await events.stop();
  await world.stop();
});

let directory: string;
let secret: MountedSecret;
let messaging: Messaging;
let lines: Line[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-secret-'));
  secret = new MountedSecret(directory);
  await secret.put((file) => writeKey(file, world.payment));
  lines = [];
  const hear = (fields: object, text: string) => void lines.push({ ...fields, text });
  const logger = Object.assign(Object.create(world.logger) as Logger, { info: hear, warn: hear });
  messaging = await world.connect({ signingKeyFile: secret.file, logger });
});
afterEach(async () => {
  await messaging.stop();
  await rm(directory, { recursive: true });
});

async function sendEvent(): Promise<string> {
  const paymentId = newId('pay');
  await messaging.outbox.transaction(async (_tx, send) => {
    send(messages.paymentAuthorized, authorizedOf(paymentId), toAcme);
  });
  return paymentId;
}

/** Returns the id of the key that signed a received message, after verifying it. */
async function signerOf(paymentId: string): Promise<string> {
  const record = await eventually(() => events.messages.find(({ key }) => key?.toString() === paymentId));
  const { keyring } = messaging;
  const result = await open(
    { topic: world.topicPrefix + eventTopic, key: paymentId, value: record.value },
    { keyring, nowMs: Date.now(), topicPrefix: world.topicPrefix },
  );
  expect(result).toMatchObject({ ok: true });
  const [header = ''] = record.value!.toString().split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
}

const usedSoon = ({ kid }: SigningKey) => eventually(() => messaging.signingKey().kid === kid);
const said = (text: string) => lines.filter((line) => `${line.text} ${line.lack ?? ''}`.includes(text));

describe('a replaced signing key', () => {
  test('signs all further messages of a running service, without losing any', async () => {
    const key = await newKey();
    await world.certify(key, asPayment);
    const sent = [await sendEvent()];
    await secret.put((file) => writeKey(file, key));
    await eventually(async () => {
      sent.push(await sendEvent());
      return messaging.signingKey().kid === key.kid;
    });
    sent.push(await sendEvent());
    const signers = await Promise.all(sent.map(signerOf));
    expect([...new Set(signers)]).toEqual([world.payment.kid, key.kid]);
    expect(signers.at(-1)).toBe(key.kid);
    await secret.put((file) => writeKey(file, world.payment));
    await usedSoon(world.payment);
  });

  test('is not used before the key topic certifies it, and the log reports the missing certificate', async () => {
    const key = await newKey();
    await secret.put((file) => writeKey(file, key));
    await eventually(() => said('holds no certificate of it').length > 0);
    expect(await signerOf(await sendEvent())).toBe(world.payment.kid);
    await world.certify(key, { ...asPayment, sub: 'card' });
    await eventually(() => said('its certificate is for another producer').length > 0);
    await world.certify(key, asPayment);
    await usedSoon(key);
    expect(await signerOf(await sendEvent())).toBe(key.kid);
    expect(said('holds no certificate of it').map(({ kid }) => kid)).toEqual([key.kid]);
  });

  test('is not used if it is invalid: the log names its file without its content, and the previous key stays', async () => {
    const x25519 = { kty: 'OKP', crv: 'X25519', x: 'content', d: 'content' };
    for (const text of ['content', JSON.stringify(x25519), JSON.stringify({ ...x25519, crv: 'Ed25519' })]) {
      lines = [];
      await secret.put((file) => writeFile(file, text, { mode: 0o600 }));
      const [line] = await eventually(() => lines.length > 0 && lines);
      expect(line!.err?.message).toContain(secret.file);
      expect(line!.err?.message).not.toContain('content');
      expect(await signerOf(await sendEvent())).toBe(world.payment.kid);
    }
    const key = await newKey();
    await world.certify(key, asPayment);
    await secret.put((file) => writeKey(file, key));
    await usedSoon(key);
  });
});

describe('a replaced decryption key', () => {
  const putX25519 = (file: string) =>
    writeFile(file, JSON.stringify(generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })), {
      mode: 0o600,
    });

  test('is added before the previous key, which stays', async () => {
    const decryptionKeyFile = join(directory, 'decryption-key.json');
    await putX25519(decryptionKeyFile);
    const keys = await KeysInUse.load({
      service: 'payment',
      signingKeyFile: secret.file,
      decryptionKeyFile,
      keyring: messaging.keyring,
      logger: world.logger,
      nowMs: Date.now,
    });
    keys.start();
    const [first] = keys.decryption();
    await putX25519(decryptionKeyFile);
    await eventually(() => keys.decryption().length === 2);
    expect(keys.decryption()[1]!.kid).toBe(first!.kid);
    keys.stop();
  });
});

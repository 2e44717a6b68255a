import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { messages, newId, newJti, type DataOf } from '@tallystick/contracts';
import { createKafka, Publisher, runAdminCommand, type OutgoingRecord } from '@tallystick/messaging';
import { eventually, readTopic } from '@tallystick/messaging/testing';
import { createPool } from '@tallystick/postgres';
import { importSigningKey, seal, type SigningKey } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';
import { newPrivateJwk, newSigningKey, runAuth, type RunningAuth } from './auth-service.ts';
import { OperatorClient } from './client.ts';

type Told = DataOf<typeof messages.authAuditRecorded>;

let auth: RunningAuth;
beforeEach(async () => {
  auth = await runAuth();
  await allTold();
});
afterEach(() => auth.stop());

const kafka = () =>
  createKafka({
    brokers: auth.kafkaBrokers,
    clientId: 'test',
    logger: createLogger({ service: 'test', level: 'silent', confidentialFields: [] }),
  });
const topic = (): string => `${auth.topicPrefix}auth.audit.v1`;

async function verify(changes: Record<string, string> = {}): Promise<{ status: number; printed: unknown }> {
  const lines: string[] = [];
  const settings = {
    KAFKA_BROKERS: auth.kafkaBrokers.join(','),
    TOPIC_PREFIX: auth.topicPrefix,
    POSTGRES_URL: auth.postgresUrl,
    TRUST_ANCHORS_FILE: auth.trustAnchorsFile,
    ...changes,
  };
  const status = await runAdminCommand(['verify-audit', 'auth.audit.v1'], settings, (line) =>
    lines.push(line),
  );
  return { status, printed: JSON.parse(lines.join('')) };
}

/** Waits until the topic has every entry. */
async function allTold(): Promise<void> {
  const pool = createPool({ url: auth.postgresUrl, applicationName: 'test' });
  await eventually(async () => {
    const { rows } = await pool.query<{ all_told: boolean }>(
      `SELECT (SELECT max(seq) FROM audit_link) = (SELECT seq FROM audit_told)
          AND NOT EXISTS (SELECT FROM outbox WHERE published_at IS NULL) AS all_told`,
    );
    return rows[0]!.all_told;
  });
  await pool.end();
}

async function publish(record: Pick<OutgoingRecord, 'key' | 'value'>): Promise<void> {
  const publisher = await Publisher.connect(kafka());
  await publisher.publish([{ id: newJti(), topic: topic(), headers: {}, ...record }]);
  await publisher.disconnect();
}

const entry = (changes: Partial<Told> = {}): Told => ({
  entryId: newId('aud'),
  occurredAt: new Date().toISOString(),
  actor: 'ops',
  action: 'auth.key.seed',
  outcome: 'done',
  seq: 1,
  hash: 'ab'.repeat(32),
  ...changes,
});

/** Publishes an entry that a key signed. */
async function tell(data: Told, signingKey: SigningKey, issuer = 'auth'): Promise<void> {
  const options = { issuer, signingKey, nowMs: Date.now(), topic: topic() };
  const { key, value } = await seal(messages.authAuditRecorded, data, options);
  await publish({ key: Buffer.from(key), value: Buffer.from(value) });
}

/** Publishes a copy of the first record of the topic with a changed claim. */
async function tellAltered(): Promise<void> {
  const reader = await readTopic(kafka(), topic());
  const { key, value } = await eventually(() => reader.messages[0] ?? false);
  await reader.stop();
  const [header, payload, signature] = value!.toString().split('.') as [string, string, string];
  const claims = Buffer.from(payload, 'base64url').toString().replace('"outcome":"done"', '"outcome":"none"');
  const altered = [header, Buffer.from(claims).toString('base64url'), signature].join('.');
  await publish({ key, value: Buffer.from(altered) });
}

test('an audit is intact if the service signed every entry on its topic', async () => {
  const { status, printed } = await verify();
  const { entries, compared } = printed as { entries: number; compared: number };
  expect([status, entries > 0, compared]).toEqual([0, true, entries]);
});

describe('a forged record on the topic is named by its place', () => {
  test.each([
    [
      'of a key that nobody certified',
      'envelope.key_unknown',
      async () => tell(entry(), await newSigningKey()),
      1,
    ],
    [
      'of a service that may not sign for the topic',
      'envelope.not_permitted',
      () => tell(entry({ seq: 7 }), auth.paymentKey, 'payment'),
      7,
    ],
    [
      'of another service in the name of this one',
      'envelope.issuer_mismatch',
      () => tell(entry({ seq: 2 }), auth.paymentKey),
      2,
    ],
    ['with a changed word', 'envelope.signature_invalid', tellAltered, 1],
    [
      'that is no message',
      'envelope.malformed',
      () => publish({ key: Buffer.from('aud'), value: Buffer.from('noise') }),
      undefined,
    ],
  ])('%s', async (_name, code, forge, seq) => {
    await forge();
    const { status, printed } = await verify();
    const place = { ...(seq !== undefined && { seq }), offset: expect.stringMatching(/^\d+$/) };
    expect({ status, printed }).toEqual({
      status: 1,
      printed: { isIntact: false, fault: 'not_signed', code, ...place },
    });
  });

  test('although a thief of the service’s key signed it, if it contradicts an earlier one', async () => {
    await tell(entry(), auth.signingKey);
    expect(await verify()).toEqual({
      status: 1,
      printed: { isIntact: false, fault: 'told_twice', seq: 1, offset: expect.any(String) },
    });
  });
});

describe('the keys of the time at which an entry was signed count', () => {
  test('also after the key was replaced and revoked, and while auth is down', async () => {
    const operator = await OperatorClient.create(auth, 'producers:write');
    const jwk = await newPrivateJwk('EdDSA');
    const { kid } = await importSigningKey(jwk);
    await auth.replace({ 'signing-key.json': jwk });
    await eventually(async () => {
      // Each call is an entry; it is signed by the key in use.
      await operator.call('GET', '/v1/producers');
      await allTold();
      const reader = await readTopic(kafka(), topic());
      const signed = await eventually(() => reader.messages.length > 0 && [...reader.messages]);
      await reader.stop();
      return signed.some(({ value }) => kidIn(value) === kid);
    });
    const path = `/v1/producers/auth/keys/${auth.signingKey.kid}/revocation`;
    expect((await operator.call('POST', path, {})).status).toBe(201);
    await allTold();
    await auth.halt();
    const { status, printed } = await verify();
    expect([status, (printed as { isIntact: boolean }).isIntact]).toEqual([0, true]);
    await auth.restart();
  }, 60_000);
});

test('the root keys must be named, and must be those of the system', async () => {
  await expect(verify({ TRUST_ANCHORS_FILE: '' })).rejects.toThrow('TRUST_ANCHORS_FILE');
  await auth.replace({ 'other-anchors.json': { keys: [(await newSigningKey()).publicJwk] } });
  const other = auth.trustAnchorsFile.replace('trust-anchors', 'other-anchors');
  await expect(verify({ TRUST_ANCHORS_FILE: other })).rejects.toThrow('no snapshot that counts');
});

function kidIn(value: Buffer | null): unknown {
  const [header = ''] = String(value).split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown }).kid;
}

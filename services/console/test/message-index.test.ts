import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditMigrations } from '@tallystick/audit';
import { messages, newId, newJti, outcomesOf, OUTCOMES, type TopicName } from '@tallystick/contracts';
import { createKafka, ensureOutcomeTopics, type Messaging } from '@tallystick/messaging';
import {
  authorizedOf,
  commandTopic,
  eventually,
  newKey,
  startWorld,
  type World,
} from '@tallystick/messaging/testing';
import { migrate } from '@tallystick/postgres';
import { seal } from '@tallystick/security';
import {
  findAnswered,
  findRecords,
  findRefused,
  type FoundRecord,
} from '../src/message-index/find-records.ts';
import { rebuildIndex, sweepIndex } from '../src/message-index/index-store.ts';
import { startMessageIndex, type MessageIndex } from '../src/message-index/message-index.ts';
import { consoleSchema } from '../src/store/schema.ts';

const CARD_NUMBER = '4111111111111111';
const ACCOUNT_TOPIC = 'account.commands.v1' satisfies TopicName;

let world: World;
let messaging: Messaging;
let index: MessageIndex;

beforeAll(async () => {
  world = await startWorld();
  await migrate(world.pool, auditMigrations, consoleSchema);
  await world.certify(world.payment, {
    sub: 'payment',
    permissions: [
      { topic: OUTCOMES, types: [messages.paymentAuthorized.type] },
      { topic: ACCOUNT_TOPIC, types: [messages.holdPlace.type] },
    ],
  });
  messaging = await world.connect();
  index = await startMessageIndex({
    messaging,
    pool: world.pool,
    topicPrefix: world.topicPrefix,
    logger: world.logger,
    issuer: 'https://auth.example',
    publicUrls: {},
  });
});
afterAll(async () => {
  await index.stop();
  await messaging.stop();
  await world.stop();
});

/** Waits until so many records with an id are indexed. */
const found = (id: string, count = 1): Promise<FoundRecord[]> =>
  eventually(async () => {
    const records = await findRecords(world.pool, id);
    return records.length >= count && records;
  });

describe('a message that passes every check', () => {
  test('is found by each of its ids, with who signed it and by which key', async () => {
    const paymentId = newId('pay');
    const order = await world.order({ paymentId, endToEndId: 'RENT 11/26' });
    await world.publisher.publish([order]);
    const [record] = await found(paymentId);
    expect(record).toMatchObject({
      topic: commandTopic,
      key: paymentId,
      type: 'payment.create',
      version: 2,
      issuer: 'acme',
      kid: world.acme.kid,
      jti: order.id,
      failedCheck: null,
      code: null,
      isEncrypted: false,
      facts: { paymentId, amountMinor: 1250, currency: 'EUR', endToEndId: 'RENT 11/26' },
    });
    const facts = record!.facts as { source: { accountId: string }; payee: { accountId: string } };
    for (const id of ['RENT 11/26', 'acme', order.id, facts.source.accountId, facts.payee.accountId])
      expect((await findRecords(world.pool, id)).map(({ jti }) => jti)).toContain(order.id);
  });

  test('says by which evidence it was ordered, without the evidence', async () => {
    const paymentId = newId('pay');
    const order = await world.order({ paymentId });
    const holdId = newId('hld');
    const hold = await seal(
      messages.holdPlace,
      {
        holdId,
        debitAccountId: newId('acc'),
        creditAccountId: newId('acc'),
        amountMinor: 1_250n,
        currency: 'EUR',
        paymentId,
        expiresAt: new Date(Date.now() + 60_000).toISOString(),
        evidence: { kind: 'order', envelope: String(order.value) },
      },
      {
        issuer: 'payment',
        signingKey: world.payment,
        topic: world.topicPrefix + ACCOUNT_TOPIC,
        nowMs: Date.now(),
        cause: order.id,
      },
    );
    const value = Buffer.from(hold.value);
    await world.publisher.publish([
      order,
      {
        id: newJti(),
        topic: world.topicPrefix + ACCOUNT_TOPIC,
        key: Buffer.from(hold.key),
        value,
        headers: {},
      },
    ]);
    const [record] = await found(holdId);
    expect(record).toMatchObject({
      failedCheck: null,
      evidence: { kind: 'order', signer: 'acme', keyThumbprint: world.acme.kid },
    });
    expect(record!.facts).toMatchObject({ evidence: { kind: 'order' } });
    expect(JSON.stringify(record!.facts)).not.toContain(String(order.value).slice(0, 40));
    // The hold names its payment, and so does the order.
    expect(
      (await found(paymentId, 2)).map(({ type }) => String(type)).sort((a, b) => a.localeCompare(b)),
    ).toEqual(['account.hold.place', 'payment.create']);
    expect(await findAnswered(world.pool, [order.id, newJti()])).toEqual(new Set([order.id]));
  });
});

describe('a record that fails a check', () => {
  test('says which, as its consumer would', async () => {
    const order = await world.order({ key: await newKey() });
    await world.publisher.publish([order]);
    const [record] = await found(order.id);
    expect(record).toMatchObject({ failedCheck: 'key', code: 'envelope.key_unknown', issuer: 'acme' });
    expect(await findRefused(world.pool, { issuer: 'acme', limit: 5 })).toMatchObject([{ jti: order.id }]);
  });

  test('that was moved to another key is found by both', async () => {
    const order = await world.order();
    const key = newId('pay');
    await world.publisher.publish([{ ...order, key: Buffer.from(key) }]);
    expect(await found(key)).toMatchObject([{ failedCheck: 'binding', code: 'envelope.subject_mismatch' }]);
  });

  test('signed after its key was revoked names the key; what it signed before still counts', async () => {
    const key = await newKey();
    await world.certify(key);
    const before = await world.order({ key });
    await world.publisher.publish([before]);
    expect(await found(before.id)).toMatchObject([{ failedCheck: null }]);
    await world.certify(key, { status: 'revoked', revoked_since: Math.floor(Date.now() / 1_000) });
    await eventually(() => messaging.keyring.find(key.kid)?.certificate.status === 'revoked');
    const behind = await world.order({ key });
    await world.publisher.publish([behind]);
    expect(await found(behind.id)).toMatchObject([{ code: 'envelope.key_revoked' }]);
    expect(await found(before.id)).toMatchObject([{ failedCheck: null }]);
  });
});

describe('what is confidential', () => {
  /** Every text in the tables of the index. */
  const stored = async (): Promise<string> => {
    const { rows } = await world.pool.query<{ text: string }>(
      `SELECT string_agg(t::text, ' ') AS text FROM (
         SELECT r::text AS t FROM indexed_record r UNION ALL SELECT i::text FROM indexed_id i
         UNION ALL SELECT q::text FROM quarantined_record q) AS all_rows`,
    );
    return rows[0]!.text;
  };

  test('stays encrypted: the index knows that it is there', async () => {
    const key = newId('tok');
    const header = Buffer.from(JSON.stringify({ alg: 'ECDH-ES', kid: 'x'.repeat(43) })).toString('base64url');
    await world.publisher.publish([
      {
        id: newJti(),
        topic: `${world.topicPrefix}card.commands.v1`,
        key: Buffer.from(key),
        value: Buffer.from(`${header}..aaaa.bbbb.cccc`),
        headers: { ce_type: 'card.tokenize', ce_id: 'id-1', ce_source: 'acme' },
      },
    ]);
    expect(await found(key)).toMatchObject([
      { type: 'card.tokenize', isEncrypted: true, failedCheck: null, facts: null },
    ]);
  });

  test('is never stored: a card number in each place where a sender can put one', async () => {
    const unsigned = (topic: string, data: object, type: string): string =>
      [
        { alg: 'EdDSA', typ: 'tallystick+jwt', kid: 'k'.repeat(43) },
        {
          iss: CARD_NUMBER,
          aud: topic,
          sub: CARD_NUMBER,
          jti: CARD_NUMBER,
          type,
          version: 1,
          txn: CARD_NUMBER,
          data,
        },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.') + '.c2ln';
    const marker = newId('pay');
    const commands = world.topicPrefix + commandTopic;
    const cards = `${world.topicPrefix}card.commands.v1`;
    const signed = await world.order({ endToEndId: CARD_NUMBER });
    const raw = (topic: string, value: string, key = marker): typeof signed => ({
      id: newJti(),
      topic,
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers: { ce_type: CARD_NUMBER, ce_id: CARD_NUMBER, ce_source: CARD_NUMBER, traceparent: CARD_NUMBER },
    });
    await world.publisher.publish([
      signed,
      raw(cards, unsigned(cards, { tokenizationId: marker, number: CARD_NUMBER }, 'card.tokenize')),
      raw(commands, unsigned(commands, { paymentId: marker, captureId: CARD_NUMBER }, 'payment.capture')),
      raw(commands, unsigned(commands, { number: CARD_NUMBER }, CARD_NUMBER)),
      raw(commands, `{"number":"${CARD_NUMBER}"}`),
      raw(commands, 'no message', CARD_NUMBER),
      raw(commands, 'the last', marker),
    ]);
    await found(marker, 5);
    await found(signed.id);
    const text = await stored();
    expect(text).not.toContain(CARD_NUMBER);
    expect(text).toContain('****************');
  });
});

test('a topic that is created later is followed', async () => {
  const other = 'latecomer';
  const kafka = createKafka({ brokers: world.brokers, clientId: 'test', logger: world.logger });
  await ensureOutcomeTopics(kafka, world.topicPrefix, [other]);
  const paymentId = newId('pay');
  await messaging.outbox.transaction(async (_tx, send) => {
    send(messages.paymentAuthorized, authorizedOf(paymentId), { recipients: [other] });
  });
  expect(await found(paymentId)).toMatchObject([{ topic: outcomesOf(other), failedCheck: null }]);
});

test('a rebuilt index has the same records', async () => {
  const count = async (): Promise<number> => {
    const { rows } = await world.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM indexed_record');
    return rows[0]!.n;
  };
  const order = await world.order();
  await world.publisher.publish([order]);
  await found(order.id);
  const before = await count();
  await rebuildIndex(world.pool);
  await eventually(async () => (await count()) >= before);
  expect(await found(order.id)).toMatchObject([{ failedCheck: null }]);
  expect(await count()).toBe(before);
});

test('old records are deleted, with their ids', async () => {
  const order = await world.order();
  await world.publisher.publish([order]);
  await found(order.id);
  const signal = new AbortController().signal;
  await sweepIndex(world.pool, 86_400, signal);
  expect(await findRecords(world.pool, order.id)).toHaveLength(1);
  await sweepIndex(world.pool, 0, signal);
  expect(await findRecords(world.pool, order.id)).toEqual([]);
  const { rows } = await world.pool.query('SELECT 1 FROM indexed_id');
  expect(rows).toEqual([]);
});

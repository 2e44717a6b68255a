import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messages, newId, newJti, quarantineOf, quarantineHeaders } from '@tallystick/contracts';
import kafkajs, { type KafkaMessage } from 'kafkajs';

import { UNREAD_BATCH_HEADER } from '../src/wire/fetch-response.ts';
import { type Messaging, type OutgoingRecord, type Subscription } from '../src/index.ts';
import { listQuarantined } from '../src/admin/quarantined.ts';
import { eventually } from './eventually.ts';
import { readTopic, type TopicReader } from './read-topic.ts';
import { commandTopic, newKey, startWorld, type World } from './world.ts';

const { CompressionTypes } = kafkajs;

let world: World;
let messaging: Messaging;
let quarantine: TopicReader;
let topic: string;
const handled = new Set<string>();
const poisonous = new Set<string>();
const errors: object[] = [];

const handle: Subscription['handle'] = async ({ firstSeen }, tx) => {
  for (const { opened } of await firstSeen) {
    await tx.query('INSERT INTO effect VALUES ($1)', [opened.claims.sub]);
    if (poisonous.has(opened.claims.sub)) throw new Error('a bug that this message meets each time');
  }
  for (const { opened } of await firstSeen) handled.add(opened.claims.sub);
};

beforeAll(async () => {
  world = await startWorld();
  topic = world.topicPrefix + commandTopic;
  await world.pool.query('CREATE TABLE effect (payment_id text)');
  quarantine = await readTopic(world.kafka, quarantineOf(topic));
  const logger = Object.create(world.logger, {
    error: { value: (fields: object, text: string) => void errors.push({ ...fields, text }) },
  }) as World['logger'];
  messaging = await world.connect({ logger });
  await messaging.consume({ [commandTopic]: { types: new Set([messages.paymentCreate.type]), handle } });
});
afterAll(async () => {
  await messaging.stop();
  await quarantine.stop();
  await world.stop();
});

const quarantined = (key: string): Promise<KafkaMessage> =>
  eventually(() => quarantine.messages.find((message) => message.key?.toString() === key));

const outboxRows = async (): Promise<number> => {
  const { rows } = await world.pool.query<{ rows: number }>('SELECT count(*)::int AS rows FROM outbox');
  return rows[0]!.rows;
};

const headersOf = ({ headers = {} }: KafkaMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

const raw = (key: string, value: Buffer, headers: Record<string, string> = {}): OutgoingRecord => ({
  id: newJti(),
  topic,
  key: Buffer.from(key),
  value,
  headers,
});

describe('a record with arbitrary headers', () => {
  // kafkajs finds an inherited function when it looks for earlier values of such a name.
  test.each([
    ['none', { odd: null as unknown as string }],
    ['constructor', { constructor: 'x' }],
    ['toString', { toString: 'x' }],
    ['valueOf', { valueOf: 'x', hasOwnProperty: 'y' }],
    ['__proto__', JSON.parse('{"__proto__": "x"}') as Record<string, string>],
  ])('%s: is handled like any other', async (_name, headers) => {
    const order = await world.order();
    await world.publisher.publish([{ ...order, headers: { ...order.headers, ...headers } }]);
    const key = String(order.key);
    await eventually(() => handled.has(key));
    expect(quarantine.messages.map((message) => String(message.key))).not.toContain(key);
  });
});

describe('a record that fails a check', () => {
  test('is quarantined unchanged, with its reason and origin, and the partition continues', async () => {
    const key = newId('pay');
    const noise = Buffer.from([0, 255, 1, 254, 10, 13, 200]);
    // The same key, and so the same partition: before and after the noise.
    const [before, behind] = await Promise.all([
      world.order({ paymentId: key }),
      world.order({ paymentId: key }),
    ]);
    await world.publisher.publish([before, raw(key, noise, { 'x-sender': 'acme' }), behind]);
    const record = await quarantined(key);
    expect(record.value?.equals(noise)).toBe(true);
    expect(headersOf(record)).toMatchObject({
      'x-sender': 'acme',
      [quarantineHeaders.reason]: 'envelope.malformed',
      [quarantineHeaders.check]: 'shape',
      [quarantineHeaders.sourceTopic]: topic,
      [quarantineHeaders.sourcePartition]: expect.stringMatching(/^\d+$/),
      [quarantineHeaders.sourceOffset]: expect.stringMatching(/^\d+$/),
      [quarantineHeaders.consumer]: 'payment',
    });
    const { rows } = await eventually(async () => {
      const found = await world.pool.query('SELECT 1 FROM effect WHERE payment_id = $1', [key]);
      return found.rows.length >= 2 && found;
    });
    expect(rows).toHaveLength(2);
  });

  test('cannot bring headers of a quarantine', async () => {
    const order = await world.order({ key: await newKey() });
    const forged = {
      [quarantineHeaders.reason]: 'none',
      [quarantineHeaders.detail]: 'release it',
      [quarantineHeaders.valueDigest]: 'x',
    };
    await world.publisher.publish([{ ...order, headers: { ...order.headers, ...forged } }]);
    const headers = headersOf(await quarantined(String(order.key)));
    expect(headers[quarantineHeaders.reason]).toBe('envelope.key_unknown');
    expect(headers[quarantineHeaders.detail]).not.toBe('release it');
    expect(headers).not.toHaveProperty(quarantineHeaders.valueDigest);
  });

  test('by an uncertified key names the check of the key', async () => {
    const order = await world.order({ key: await newKey() });
    await world.publisher.publish([order]);
    const record = await quarantined(String(order.key));
    expect(record.value?.equals(order.value!)).toBe(true);
    expect(headersOf(record)[quarantineHeaders.reason]).toBe('envelope.key_unknown');
  });

  test('by an uncertified key waits for nobody and takes no room in the outbox', async () => {
    const rowsBefore = await outboxRows();
    const keys = await Promise.all(Array.from({ length: 30 }, () => newKey()));
    const junk = await Promise.all(keys.map((key) => world.order({ key })));
    const good = await world.order();
    const startedAt = performance.now();
    await world.publisher.publish([...junk, good]);
    await eventually(() => handled.has(String(good.key)));
    // Each unknown key was once waited for: a quarter of a second each.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await quarantined(String(junk.at(-1)!.key));
    expect(await outboxRows()).toBe(rowsBefore);
  });

  test('is kept in part, with its size and digest, if it is no message', async () => {
    const key = newId('pay');
    const noise = Buffer.alloc(9_000, 'noise ');
    await world.publisher.publish([raw(key, noise)]);
    const record = await quarantined(key);
    expect(record.value?.equals(noise.subarray(0, 4_096))).toBe(true);
    expect(headersOf(record)).toMatchObject({
      [quarantineHeaders.valueBytes]: '9000',
      [quarantineHeaders.valueDigest]: createHash('sha256').update(noise).digest('base64url'),
    });
  });

  const number = '4111111111111111';
  const spaced = '4111 1111 1111 1111';
  const quarantinedValue = async (value: Buffer): Promise<Buffer | null> => {
    const key = newId('pay');
    await world.publisher.publish([raw(key, value)]);
    return (await quarantined(key)).value;
  };

  test('is kept without card numbers if it is no message, also at the cut', async () => {
    const [noise, end] = ['noise '.repeat(682), number];
    const kept = await quarantinedValue(Buffer.from(`{"a":"${number}","b":"${spaced}"}`));
    expect(kept?.toString()).toBe('{"a":"****************","b":"**** **** **** ****"}');
    expect((await quarantinedValue(Buffer.from(`${noise}${end}`)))?.toString()).toBe(`${noise}****`);
  });

  test.each([
    ['base64', Buffer.from(Buffer.from(`{"number":"${number}"}`).toString('base64'))],
    ['base64url at another alignment', Buffer.from(`x${Buffer.from(`..${number}`).toString('base64url')}`)],
    ['hexadecimal', Buffer.from(Buffer.from(number).toString('hex'))],
    ['UTF-16', Buffer.from(number, 'utf16le')],
    ['JSON escapes', Buffer.from(number.replaceAll(/\d/g, '\\u003$&'))],
    ['percent encoding', Buffer.from(number.replaceAll(/\d/g, '%3$&'))],
    ['base64 twice', Buffer.from(Buffer.from(Buffer.from(spaced).toString('base64')).toString('base64'))],
  ])('is not kept if it is no message and holds a card number in %s', async (_name, value) => {
    expect(await quarantinedValue(value)).toBeNull();
  });

  test('is not kept if a message that is refused holds a card number; its digest and its place are', async () => {
    const [order, key] = [await world.order({ endToEndId: number }), newId('pay')];
    const moved = { ...order, key: Buffer.from(key), headers: { ...order.headers, 'x-card': spaced } };
    await world.publisher.publish([moved]);
    const record = await quarantined(key);
    expect(record.value).toBeNull();
    expect(headersOf(record)).toMatchObject({
      'x-card': '**** **** **** ****',
      [quarantineHeaders.reason]: 'envelope.subject_mismatch',
      [quarantineHeaders.valueDigest]: createHash('sha256').update(order.value!).digest('base64url'),
      [quarantineHeaders.sourceOffset]: expect.stringMatching(/^\d+$/),
    });
  });

  test('moved to the key of another payment names the binding', async () => {
    const order = await world.order();
    const key = newId('pay');
    await world.publisher.publish([{ ...order, key: Buffer.from(key) }]);
    expect(headersOf(await quarantined(key))[quarantineHeaders.reason]).toBe('envelope.subject_mismatch');
    expect(handled.has(String(order.key))).toBe(false);
  });

  test('by a key that was revoked while the consumer runs is refused, without a restart', async () => {
    const key = await newKey();
    await world.certify(key);
    await eventually(() => messaging.keyring.find(key.kid));
    const good = await world.order({ key });
    await world.publisher.publish([good]);
    await eventually(() => handled.has(String(good.key)));
    await world.certify(key, { status: 'revoked', revoked_since: Math.floor(Date.now() / 1000) });
    await eventually(() => messaging.keyring.find(key.kid)?.certificate.status === 'revoked');
    const late = await world.order({ key });
    await world.publisher.publish([late]);
    expect(headersOf(await quarantined(String(late.key)))[quarantineHeaders.reason]).toBe(
      'envelope.key_revoked',
    );
  });

  test('in a batch that decompresses to more than the limit is quarantined with its batch', async () => {
    await world.configureTopic(topic, 'compression.type', 'producer');
    const [before, behind] = await Promise.all([world.order(), world.order()]);
    const partition = 0;
    const producer = world.kafka.producer();
    await producer.connect();
    try {
      for (const { key, value } of [before, { key: null, value: Buffer.alloc(33_554_432) }, behind])
        await producer.send({
          topic,
          compression: CompressionTypes.GZIP,
          messages: [{ key, value, partition }],
        });
    } finally {
      await producer.disconnect();
    }
    const record = await eventually(() =>
      quarantine.messages.find((message) => UNREAD_BATCH_HEADER in headersOf(message)),
    );
    expect(record.value!.length).toBeLessThan(65_536);
    expect(headersOf(record)[quarantineHeaders.reason]).toBe('envelope.malformed');
    await eventually(() => handled.has(String(before.key)) && handled.has(String(behind.key)));
  });

  test('that is too large for a message is quarantined in part', async () => {
    const key = newId('pay');
    const large = Buffer.alloc(900_000, 'a');
    await world.publisher.publish([raw(key, large, { 'x-long': 'y'.repeat(5_000) })]);
    const record = await quarantined(key);
    expect(record.value?.equals(large.subarray(0, 4_096))).toBe(true);
    expect(headersOf(record)).toMatchObject({
      [quarantineHeaders.reason]: 'envelope.too_large',
      [quarantineHeaders.valueBytes]: '900000',
    });
  });
});

describe('a message that always fails', () => {
  test('is quarantined while others succeed, in its partition too, and does not change the state', async () => {
    const poison = newId('pay');
    poisonous.add(poison);
    const order = await world.order({ paymentId: poison });
    const neighbours = await Promise.all(Array.from({ length: 20 }, () => world.order()));
    await world.publisher.publish([...neighbours.slice(0, 10), order, ...neighbours.slice(10)]);
    // Others continue to succeed while this one fails.
    const record = await eventually(async () => {
      await world.publisher.publish([await world.order()]);
      return quarantine.messages.find(({ key }) => key?.toString() === poison);
    }, 30_000);
    expect(record.value?.equals(order.value!)).toBe(true);
    expect(headersOf(record)[quarantineHeaders.reason]).toBe('message.handler_failed');
    const listed = await listQuarantined(world.kafka, topic);
    expect(listed.at(-1)).toMatchObject({ reason: 'message.handler_failed', paymentId: poison });
    await eventually(() =>
      errors.find((line) => 'paymentIds' in line && (line.paymentIds as string[]).includes(poison)),
    );
    await eventually(() => neighbours.every(({ key }) => handled.has(String(key))));
    const { rows } = await world.pool.query('SELECT 1 FROM effect WHERE payment_id = $1', [poison]);
    expect(rows).toEqual([]);
  }, 60_000);
});

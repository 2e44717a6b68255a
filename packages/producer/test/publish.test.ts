import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messages, newId } from '@tallystick/contracts';
import { eventually, readTopic, type TopicReader } from '@tallystick/messaging/testing';
import { open, type DecryptionKey, type OpenResult } from '@tallystick/security';

import type { Producer, Published } from '../src/index.ts';
import { orderOf, producerId, startProducerWorld, type ProducerWorld } from './producer-world.ts';

let world: ProducerWorld;
let producer: Producer;
let orders: TopicReader;
let cardCommands: TopicReader;
beforeAll(async () => {
  world = await startProducerWorld();
  producer = await world.connectProducer({ readsOutcomes: false });
  orders = await readTopic(world.kafka, `${world.topicPrefix}payment.commands.v1`);
  cardCommands = await readTopic(world.kafka, `${world.topicPrefix}card.commands.v1`);
});
afterAll(async () => {
  await Promise.all([orders.stop(), cardCommands.stop(), producer.close()]);
  await world.stop();
});

/** Reads the record with this key from Kafka and opens it as the service that owns the topic does. */
async function received(
  reader: TopicReader,
  topic: string,
  key: string,
  decryptionKeys: readonly DecryptionKey[] = [],
): Promise<{ value: string; result: OpenResult }> {
  const record = await eventually(() => reader.messages.find((one) => String(one.key) === key));
  const result = await open(
    { topic: world.topicPrefix + topic, key, value: record.value },
    { keyring: producer.keyring, nowMs: Date.now(), topicPrefix: world.topicPrefix, decryptionKeys },
  );
  return { value: String(record.value), result };
}

describe('an order that a producer publishes', () => {
  test('is the same order, signed by the producer, when the payment service opens it', async () => {
    const order = orderOf();
    const { key } = await producer.publish(messages.paymentCreate, order);
    const { result } = await received(orders, 'payment.commands.v1', key);
    expect(result).toMatchObject({
      ok: true,
      message: { data: order, kid: world.globex.kid, claims: { iss: producerId, type: 'payment.create' } },
    });
  });

  test('is returned with its record key, its ids and the value that Kafka has', async () => {
    const order = orderOf();
    const published = await producer.publish(messages.paymentCreate, order);
    const { value, result } = await received(orders, 'payment.commands.v1', order.paymentId);
    const { jti, txn } = published;
    expect(published).toEqual({ key: order.paymentId, jti, txn, value });
    expect(result).toMatchObject({ ok: true, message: { claims: { jti, txn } } });
  });

  test('expires after the given lifetime, or else after that of its definition', async () => {
    const given = await producer.publish(messages.paymentCreate, orderOf(), { lifetimeS: 60 });
    const defined = await producer.publish(messages.paymentCreate, orderOf());
    const lifetimeOf = async ({ key }: Published): Promise<number> => {
      const { result } = await received(orders, 'payment.commands.v1', key);
      if (!result.ok) throw new Error(result.refusal.code);
      const { exp, iat } = result.message.claims;
      return exp! - iat;
    };
    expect(await lifetimeOf(given)).toBe(60);
    expect(await lifetimeOf(defined)).toBe(messages.paymentCreate.lifetimeS);
  });

  test('keeps the given jti, so that a repeated order is recognized', async () => {
    const order = orderOf();
    const first = await producer.publish(messages.paymentCreate, order);
    const second = await producer.publish(messages.paymentCreate, order, { jti: first.jti });
    expect(second.jti).toBe(first.jti);
    const { result } = await received(orders, 'payment.commands.v1', order.paymentId);
    expect(result).toMatchObject({ ok: true, message: { claims: { jti: first.jti } } });
  });

  test('of an earlier version is read as an order of the newest version', async () => {
    const { payee, capturedBy, ...order } = orderOf();
    const earlier = { ...order, payeeAccountId: payee.accountId };
    const { key } = await producer.publish(messages.paymentCreate, earlier, { version: 1 });
    const { result } = await received(orders, 'payment.commands.v1', key);
    expect(result).toMatchObject({
      ok: true,
      message: { data: { ...order, payee, capturedBy }, claims: { version: 1 } },
    });
  });

  test('that violates its definition is refused before it reaches Kafka', async () => {
    const [wrong, right] = [orderOf(), orderOf()];
    await expect(producer.publish(messages.paymentCreate, { ...wrong, amountMinor: 0n })).rejects.toThrow(
      'amountMinor',
    );
    await producer.publish(messages.paymentCreate, right);
    await received(orders, 'payment.commands.v1', right.paymentId);
    expect(orders.messages.map(({ key }) => String(key))).not.toContain(wrong.paymentId);
  });
});

describe('a confidential command', () => {
  const tokenize = () => ({ tokenizationId: newId('tok'), number: '4111111111111111' });

  test('is refused while no encryption key of the service is certified', async () => {
    await expect(producer.publish(messages.cardTokenize, tokenize())).rejects.toThrow('card.tokenize');
  });

  test('is readable only by the service that owns the topic', async () => {
    const cardKey = await world.certifyCardService();
    await eventually(() => producer.keyring.encryptionKeyOf('card')?.kid === cardKey.kid);
    const command = tokenize();
    const { key } = await producer.publish(messages.cardTokenize, command);
    const byCard = await received(cardCommands, 'card.commands.v1', key, [cardKey]);
    expect(byCard.result).toMatchObject({ ok: true, message: { data: command } });
    const byAnother = await received(cardCommands, 'card.commands.v1', key);
    expect(byAnother.result).toMatchObject({ ok: false });
    expect(byAnother.value).not.toContain(Buffer.from(command.number).toString('base64url'));
  });
});

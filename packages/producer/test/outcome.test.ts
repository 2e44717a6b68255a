import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  messages,
  newId,
  OUTCOMES,
  outcomesOf,
  type DataOf,
  type MessageDefinition,
} from '@tallystick/contracts';
import { authorizedOf, type World } from '@tallystick/messaging/testing';
import { recordOf, type Messaging } from '@tallystick/messaging';
import { seal } from '@tallystick/security';
import { ROOT_CONTEXT } from '@opentelemetry/api';

import { paymentOutcomes, type Producer } from '../src/index.ts';
import { producerId, startProducerWorld, type ProducerWorld } from './producer-world.ts';

const TIMEOUT_MS = 20_000;
const { paymentAuthorized, paymentFailed } = messages;

let world: ProducerWorld;
let payment: Messaging;
let producer: Producer;
beforeAll(async () => {
  world = await startProducerWorld();
  const types = [paymentAuthorized.type, paymentFailed.type];
  await world.certify(world.payment, {
    sub: 'payment',
    permissions: [{ topic: OUTCOMES, types }],
  });
  payment = await world.connect();
  producer = await world.connectProducer();
});
afterAll(async () => {
  await producer.close();
  await payment.stop();
  await world.stop();
});

/** Publishes an event in the name of the payment service. */
const publish = <Definition extends MessageDefinition>(
  definition: Definition,
  data: DataOf<Definition>,
): Promise<void> =>
  payment.outbox.transaction(async (_tx, send) => send(definition, data, { recipients: [producerId] }));

/** Publishes an authorization in the payment service's name, signed by another key. */
async function publishForged({ publisher, acme, topicPrefix }: World, paymentId: string): Promise<void> {
  const envelope = await seal(paymentAuthorized, authorizedOf(paymentId), {
    issuer: 'payment',
    signingKey: acme,
    topic: topicPrefix + outcomesOf(producerId),
    nowMs: Date.now(),
  });
  await publisher.publish([recordOf(envelope, ROOT_CONTEXT)]);
}

describe('the outcome of an order', () => {
  test('is the event of the payment service about its payment', async () => {
    const paymentId = newId('pay');
    const awaited = producer.outcome(paymentId, paymentOutcomes, TIMEOUT_MS);
    const [other, own] = [authorizedOf(newId('pay')), authorizedOf(paymentId)];
    await publish(paymentAuthorized, other);
    await publish(paymentAuthorized, own);
    expect(await awaited).toMatchObject({
      data: own,
      claims: { iss: 'payment', type: 'payment.authorized', sub: paymentId },
    });
  });

  test('is found even if it arrived before the call', async () => {
    const [first, last] = [newId('pay'), newId('pay')];
    await publish(paymentAuthorized, authorizedOf(first));
    await publish(paymentAuthorized, authorizedOf(last));
    await producer.outcome(last, paymentOutcomes, TIMEOUT_MS);
    expect(await producer.outcome(first, paymentOutcomes, TIMEOUT_MS)).toMatchObject({
      claims: { sub: first },
    });
  });

  test('is an event of one of the requested types', async () => {
    const paymentId = newId('pay');
    const awaited = producer.outcome(paymentId, [paymentFailed], TIMEOUT_MS);
    const facts = authorizedOf(paymentId);
    await publish(paymentAuthorized, facts);
    await publish(paymentFailed, { ...facts, code: 'ledger.insufficient_funds' });
    expect(await awaited).toMatchObject({
      claims: { type: 'payment.failed' },
      data: { code: 'ledger.insufficient_funds' },
    });
  });

  test('is never an event that another key signed', async () => {
    const paymentId = newId('pay');
    await publishForged(world, paymentId);
    const own = authorizedOf(paymentId);
    await publish(paymentAuthorized, own);
    expect(await producer.outcome(paymentId, paymentOutcomes, TIMEOUT_MS)).toMatchObject({
      kid: world.payment.kid,
      data: own,
    });
  });

  test('is an error if no event arrives in time', async () => {
    await expect(producer.outcome(newId('pay'), paymentOutcomes, 50)).rejects.toThrow(
      'no such event within 50 ms',
    );
  });
});

describe('a producer that reads no outcomes', () => {
  test('refuses to wait for one', async () => {
    const publishesOnly = await world.connectProducer({ readsOutcomes: false });
    try {
      await expect(publishesOnly.outcome(newId('pay'), paymentOutcomes, TIMEOUT_MS)).rejects.toThrow(
        'this producer reads no outcomes',
      );
    } finally {
      await publishesOnly.close();
    }
  });
});

describe('the outcomes of payments', () => {
  test.each([
    messages.paymentCreate,
    messages.paymentCapture,
    messages.paymentCancel,
    messages.paymentRefund,
  ])('are all that contracts name for $type', ({ outcomes }) => {
    expect(outcomes.length).toBeGreaterThan(0);
    expect(paymentOutcomes.map(({ type }) => type)).toEqual(expect.arrayContaining([...outcomes]));
  });
});

import { messages, newId } from '@tallystick/contracts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { seal, type SigningKey } from '@tallystick/security';

import { recordOf, type Messaging, type OutgoingRecord } from '../src/index.ts';
import { eventually } from './eventually.ts';
import { newKey, startWorld, type World } from './world.ts';

/** A message on a topic of services: nothing waits on the topics of third parties. */
const { cardActivated } = messages;
const asCard = { sub: 'card', permissions: [{ topic: cardActivated.topic, types: [cardActivated.type] }] };

let world: World;
let messaging: Messaging;
let card: SigningKey;
const handled = new Set<string>();
beforeAll(async () => {
  world = await startWorld();
  messaging = await world.connect();
  await messaging.consume({
    [cardActivated.topic]: {
      types: new Set([cardActivated.type]),
      handle: async ({ firstSeen }) => {
        for (const { opened } of await firstSeen) handled.add(opened.claims.jti);
      },
    },
  });
  card = await newKey();
  await world.certify(card, asCard);
});
afterAll(async () => {
  await messaging.stop();
  await world.stop();
});

const messageUnder = async (key: SigningKey): Promise<OutgoingRecord> =>
  recordOf(
    await seal(
      cardActivated,
      { cardId: newId('crd') },
      {
        issuer: 'card',
        signingKey: key,
        topic: world.topicPrefix + cardActivated.topic,
        nowMs: Date.now(),
      },
    ),
    ROOT_CONTEXT,
  );

describe('the key topic', () => {
  test('is read to its end before the first message', () => {
    expect(messaging.keyring.find(world.acme.kid)?.producerId).toBe('acme');
    expect(messaging.keyring.freshness).toBe('fresh');
  });

  test('is awaited: a message that overtakes its producer’s key is accepted', async () => {
    for (let round = 0; round < 5; round += 1) {
      const key = await newKey();
      await world.certify(key, asCard);
      const message = await messageUnder(key);
      await world.publisher.publish([message]);
      await eventually(() => handled.has(message.id));
      expect(messaging.keyring.find(key.kid)?.producerId).toBe('card');
    }
  });

  test('is awaited for a limited time for an unknown key, while others continue', async () => {
    const began = performance.now();
    const [unknown, known] = await Promise.all([messageUnder(await newKey()), messageUnder(card)]);
    await world.publisher.publish([unknown, known]);
    await eventually(() => handled.has(known.id));
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(handled.has(unknown.id)).toBe(false);
  });

  test('is read completely by each process: a second one has the same keys', async () => {
    const second = await world.connect();
    expect(second.keyring.find(world.acme.kid)).toBeDefined();
    expect(second.keyring.version).toBe(messaging.keyring.version);
    await second.stop();
  });

  test('is not rolled back across a restart: the newest accepted snapshot is remembered', async () => {
    const { rows } = await world.pool.query<{ version: bigint }>('SELECT version FROM accepted_snapshot');
    expect(Number(rows[0]?.version)).toBe(messaging.keyring.version);
    const next = messaging.keyring.version + 1;
    await world.pool.query('UPDATE accepted_snapshot SET version = $1', [next]);
    const restarted = world.connect();
    // The topic holds an older snapshot only, so the service waits for one that is newer.
    await world.certify(await newKey());
    await world.certify(await newKey());
    const second = await restarted;
    expect(second.keyring.version).toBeGreaterThan(next);
    await second.stop();
  });

  test('is read from its beginning after it was deleted and created again', async () => {
    const key = await newKey();
    for (let round = 0; round < 20; round += 1) await world.certify(world.acme);
    await messaging.keyring.waitFor(world.acme.kid, 10_000);
    await world.loseTopic('auth.keys.v1');
    await eventually(async () => {
      try {
        await world.certify(key);
        return true;
      } catch {
        // The publisher has not discovered the new partition yet.
        return false;
      }
    });
    const known = await eventually(() => messaging.keyring.find(key.kid));
    expect(known.producerId).toBe('acme');
  });
});

import { messages } from '@tallystick/contracts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { type Messaging } from '../src/index.ts';
import { eventually } from './eventually.ts';
import { commandTopic, newKey, startWorld, type World } from './world.ts';

let world: World;
let messaging: Messaging;
const handled = new Set<string>();
beforeAll(async () => {
  world = await startWorld();
  messaging = await world.connect();
  await messaging.consume({
    [commandTopic]: {
      types: new Set([messages.paymentCreate.type]),
      handle: async ({ firstSeen }) => {
        for (const { opened } of await firstSeen) handled.add(opened.claims.jti);
      },
    },
  });
});
afterAll(async () => {
  await messaging.stop();
  await world.stop();
});

describe('the key topic', () => {
  test('was read to its end before the first message', () => {
    expect(messaging.keyring.find(world.acme.kid)?.producerId).toBe('acme');
    expect(messaging.keyring.stale).toBe(false);
  });

  test('is waited for: a message that overtakes the key of its producer is taken, not refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const key = await newKey();
      await world.certify(key);
      const order = await world.order({ key });
      await world.publisher.publish([order]);
      await eventually(() => handled.has(order.id));
      expect(messaging.keyring.find(key.kid)?.producerId).toBe('acme');
    }
  });

  test('is not waited for without end where a key is unknown, and others go on', async () => {
    const began = performance.now();
    const [unknown, known] = await Promise.all([world.order({ key: await newKey() }), world.order()]);
    await world.publisher.publish([unknown, known]);
    await eventually(() => handled.has(known.id));
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(handled.has(unknown.id)).toBe(false);
  });

  test('shows each process every record: a second one knows the same keys', async () => {
    const second = await world.connect();
    expect(second.keyring.find(world.acme.kid)).toBeDefined();
    expect(second.keyring.version).toBe(messaging.keyring.version);
    await second.stop();
  });

  test('is read from its beginning where it was lost and made again', async () => {
    const key = await newKey();
    for (let round = 0; round < 20; round += 1) await world.certify(world.acme);
    await messaging.keyring.waitFor(world.acme.kid, 10_000);
    await world.loseTopic('auth.keys.v1');
    await eventually(async () => {
      try {
        await world.certify(key);
        return true;
      } catch {
        // The publisher learns in its own time where the new partition is.
        return false;
      }
    });
    const known = await eventually(() => messaging.keyring.find(key.kid));
    expect(known.producerId).toBe('acme');
  });
});

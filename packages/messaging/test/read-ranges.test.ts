import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newJti } from '@tallystick/contracts';

import { rangesSince, readRanges, type Range } from '../src/read-ranges.ts';
import { eventually } from './eventually.ts';
import { eventTopic, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe('the stretches of a topic', () => {
  test('come to their ends where a transaction that came to nothing is all that they hold', async () => {
    const topic = world.topicPrefix + eventTopic;
    await eventually(() => comesToNothing(topic), 40_000);
    let ranges: Range[] = [];
    await eventually(async () => {
      ranges = await rangesSince(world.kafka, [topic], 0);
      return ranges.length > 0;
    });
    const got: unknown[] = [];
    await readRanges(world.kafka, `${world.topicPrefix}test`, ranges, (_topic, message) => got.push(message));
    expect(got).toEqual([]);
  }, 60_000);
});

/**
 * Writes a record in a transaction that is aborted.
 * @returns false where the broker is not ready for transactions yet; what was begun runs out by itself
 */
async function comesToNothing(topic: string): Promise<boolean> {
  const producer = world.kafka.producer({
    transactionalId: newJti(),
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 2_000,
  });
  await producer.connect();
  try {
    const given = await producer.transaction();
    await given.send({ topic, messages: [{ key: 'key', value: 'came to nothing' }] });
    await given.abort();
    return true;
  } catch (error) {
    // So a busy coordinator answers clients that do not know its newer protocol, and kafkajs does not ask again.
    if ((error as { cause?: { type?: string } }).cause?.type !== 'NOT_ENOUGH_REPLICAS') throw error;
    return false;
  } finally {
    await producer.disconnect();
  }
}

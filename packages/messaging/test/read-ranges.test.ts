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
    const producer = world.kafka.producer({
      transactionalId: newJti(),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const given = await producer.transaction();
    await given.send({ topic, messages: [{ key: 'key', value: 'came to nothing' }] });
    await given.abort();
    await producer.disconnect();
    let ranges: Range[] = [];
    await eventually(async () => {
      ranges = await rangesSince(world.kafka, [topic], 0);
      return ranges.length === 1;
    });
    const got: unknown[] = [];
    await readRanges(world.kafka, `${world.topicPrefix}test`, ranges, (_topic, message) => got.push(message));
    expect(got).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newJti } from '@tallystick/contracts';

import { rangesSince, readRanges, type Range } from '../src/replay/read-ranges.ts';
import { eventually } from './eventually.ts';
import { eventTopic, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe('the stretches of a topic', () => {
  test('come to their ends where a transaction that came to nothing is all that they hold', async () => {
    const producer = world.kafka.producer({
      transactionalId: newJti(),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const given = await producer.transaction();
    await given.send({ topic: topic(), messages: [{ key: 'key', value: 'came to nothing' }] });
    await given.abort();
    await producer.disconnect();
    let ranges: Range[] = [];
    await eventually(async () => {
      ranges = await stretches();
      return ranges.length === 1;
    });
    expect(await read(ranges)).toEqual([]);
  });

  test('come to their ends where retention takes the whole of them away meanwhile', async () => {
    await fill('gone');
    const ranges = await stretches();
    await takeAway((high) => high);
    expect(await read(ranges)).toEqual([]);
  });

  test('tell what is left of them where it takes a part', async () => {
    await fill('gone', 'kept');
    const ranges = await stretches();
    await takeAway((high) => high - 1n);
    expect(await read(ranges)).toEqual(['kept']);
  });

  test('are not waited for where their topic was lost meanwhile and made again', async () => {
    await fill('lost');
    const ranges = await stretches();
    await world.loseTopic(eventTopic);
    await expect(read(ranges)).rejects.toThrow(/was lost/);
  });

  test('end with the error of whoever takes their records', async () => {
    await fill('one');
    const fault = new Error('not taken');
    const ranges = await stretches();
    const taking = readRanges(world.kafka, `${world.topicPrefix}test`, ranges, async () => {
      throw fault;
    });
    await expect(taking).rejects.toBe(fault);
  });
});

const topic = (): string => world.topicPrefix + eventTopic;

/** Writes records to one partition. */
async function fill(...values: string[]): Promise<void> {
  await world.publisher.publish(
    values.map((value) => ({
      id: newJti(),
      topic: topic(),
      key: Buffer.from('key'),
      value: Buffer.from(value),
      headers: {},
    })),
  );
}

const stretches = (): Promise<Range[]> => rangesSince(world.kafka, [topic()], 0);

async function read(ranges: Range[]): Promise<string[]> {
  const got: string[] = [];
  await readRanges(world.kafka, `${world.topicPrefix}test`, ranges, (_topic, { value }) => {
    got.push(String(value));
  });
  return got;
}

/** Deletes records of each partition that has any, as retention does. @param upTo by where the partition ends */
async function takeAway(upTo: (high: bigint) => bigint): Promise<void> {
  const admin = world.kafka.admin();
  await admin.connect();
  const partitions = (await admin.fetchTopicOffsets(topic()))
    .filter(({ high }) => high !== '0')
    .map(({ partition, high }) => ({ partition, offset: String(upTo(BigInt(high))) }));
  await admin.deleteTopicRecords({ topic: topic(), partitions });
  await admin.disconnect();
}

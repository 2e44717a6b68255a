import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newJti } from '@tallystick/contracts';
import type { ConsumerConfig, Kafka } from 'kafkajs';

import { rangesSince, readRanges, type Range } from '../src/replay/read-ranges.ts';
import { eventually } from './eventually.ts';
import { eventTopic, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe('the ranges of a topic', () => {
  test('are read to their ends if they contain only an aborted transaction', async () => {
    const producer = world.kafka.producer({
      transactionalId: newJti(),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const given = await producer.transaction();
    await given.send({ topic: topic(), messages: [{ key: 'key', value: 'aborted' }] });
    await given.abort();
    await producer.disconnect();
    let ranges: Range[] = [];
    await eventually(async () => {
      ranges = await rangesOfTopic();
      return ranges.length === 1;
    });
    expect(await read(ranges)).toEqual([]);
  });

  test('are read to their ends if retention deletes all of their records meanwhile', async () => {
    await fill('gone');
    const ranges = await rangesOfTopic();
    await deleteRecords((high) => high);
    expect(await read(ranges)).toEqual([]);
  });

  test('yield the remaining records if retention deletes some of them', async () => {
    await fill('gone', 'kept');
    const ranges = await rangesOfTopic();
    await deleteRecords((high) => high - 1n);
    expect(await read(ranges)).toEqual(['kept']);
  });

  test('are not awaited if their topic was deleted and created again', async () => {
    await fill('lost');
    const ranges = await rangesOfTopic();
    await world.loseTopic(eventTopic);
    await expect(read(ranges)).rejects.toThrow(/was lost/);
  });

  test('end with the error of the callback', async () => {
    await fill('one');
    const fault = new Error('not taken');
    const ranges = await rangesOfTopic();
    const taking = readRanges(world.kafka, `${world.topicPrefix}test`, ranges, async () => {
      throw fault;
    });
    await expect(taking).rejects.toBe(fault);
  });

  test('end with the error of a consumer that can no longer seek', async () => {
    await fill('one');
    const ranges = await rangesOfTopic();
    // A broker that ends between the start and the first seek leaves a consumer without its group.
    const fault = new Error('the consumer has left its group');
    const kafka = Object.create(world.kafka, {
      consumer: {
        value: (options: ConsumerConfig) =>
          Object.assign(world.kafka.consumer(options), {
            seek() {
              throw fault;
            },
          }),
      },
    }) as Kafka;
    const taking = readRanges(kafka, `${world.topicPrefix}test`, ranges, () => {});
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

const rangesOfTopic = (): Promise<Range[]> => rangesSince(world.kafka, [topic()], 0);

async function read(ranges: Range[]): Promise<string[]> {
  const got: string[] = [];
  await readRanges(world.kafka, `${world.topicPrefix}test`, ranges, (_topic, { value }) => {
    got.push(String(value));
  });
  return got;
}

/**
 * Deletes records of each non-empty partition, as retention does. @param upTo computes the limit from the end of the
 * partition
 */
async function deleteRecords(upTo: (high: bigint) => bigint): Promise<void> {
  const admin = world.kafka.admin();
  await admin.connect();
  const partitions = (await admin.fetchTopicOffsets(topic()))
    .filter(({ high }) => high !== '0')
    .map(({ partition, high }) => ({ partition, offset: String(upTo(BigInt(high))) }));
  await admin.deleteTopicRecords({ topic: topic(), partitions });
  await admin.disconnect();
}

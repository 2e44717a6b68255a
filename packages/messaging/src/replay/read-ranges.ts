import { newJti } from '@tallystick/contracts';
import type { Admin, KafkaMessage } from 'kafkajs';
import type { Kafka } from '../kafka.ts';
import { topicPartition } from '../consume/position.ts';

/** Interval of the checks that the records to read still exist, in milliseconds. */
const WATCH_INTERVAL_MS = 1_000;

/** A range of a partition: from one offset up to another, which is excluded. */
export interface Range {
  topic: string;
  partition: number;
  from: bigint;
  to: bigint;
}

/**
 * Returns the ranges of topics that arrived since a point in time, up to their present ends; empty ranges are left
 * out.
 */
export async function rangesSince(
  kafka: Kafka,
  topics: readonly string[],
  sinceMs: number,
): Promise<Range[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ranges = await Promise.all(
      topics.map(async (topic) => {
        const [starts, ends] = await Promise.all([
          admin.fetchTopicOffsetsByTimestamp(topic, sinceMs),
          admin.fetchTopicOffsets(topic),
        ]);
        return ends.map(({ partition, high }): Range => {
          const start = starts.find((one) => one.partition === partition);
          return { topic, partition, from: BigInt(start?.offset ?? high), to: BigInt(high) };
        });
      }),
    );
    return ranges.flat().filter(({ from, to }) => from < to);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Reads ranges of partitions, outside any shared group. It does not wait for records that retention deletes meanwhile.
 * @param take called with each record once, in the order of its partition; the next call waits for it
 * @throws the error of `take`; Error if a topic was lost since its ranges were queried
 */
export async function readRanges(
  kafka: Kafka,
  groupId: string,
  ranges: readonly Range[],
  take: (topic: string, message: KafkaMessage) => void | Promise<void>,
): Promise<void> {
  if (ranges.length === 0) return;
  const consumer = kafka.consumer({ groupId: `${groupId}.${newJti()}`, maxWaitTimeInMs: 100 });
  const admin = kafka.admin();
  const left = new Map(ranges.map((range) => [topicPartition(range.topic, range.partition), { ...range }]));
  let watch: NodeJS.Timeout | undefined;
  try {
    await Promise.all([consumer.connect(), admin.connect()]);
    await consumer.subscribe({ topics: [...new Set(ranges.map(({ topic }) => topic))], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const moveTo = (range: Range, next: bigint): void => {
        if (next > range.from) range.from = next;
        if (range.from < range.to) return;
        left.delete(topicPartition(range.topic, range.partition));
        if (left.size === 0) resolve();
      };
      let isFailed = false;
      let isTaking = false;
      const fail = (error: unknown): void => {
        isFailed = true;
        reject(error as Error);
      };
      consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
        if (!restart) fail(error);
      });
      // Also emitted for records that kafkajs hides, such as those of an aborted transaction.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
        const range = left.get(topicPartition(topic, partition));
        if (range !== undefined && !isFailed) moveTo(range, BigInt(lastOffset) + 1n);
      });
      watch = setInterval(() => {
        // A failed query is repeated; the consumer reports a broker that stays unavailable.
        watermarksOf(admin, [...left.values()]).then(
          (found) => {
            for (const { range, low, high } of found)
              if (high < range.to)
                fail(
                  new Error(`${range.topic}[${range.partition}] ends before ${range.to}: the topic was lost`),
                );
              // Records that were read before retention deleted them still count.
              else if (!isTaking) moveTo(range, low);
          },
          () => {},
        );
      }, WATCH_INTERVAL_MS);
      void consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            const range = left.get(topicPartition(batch.topic, batch.partition));
            if (range === undefined) return;
            isTaking = true;
            try {
              for (const message of batch.messages) {
                const offset = BigInt(message.offset);
                if (!isFailed && offset >= range.from && offset < range.to) await take(batch.topic, message);
              }
            } catch (error) {
              // kafkajs would deliver the same batch again and again.
              fail(error);
            } finally {
              isTaking = false;
            }
          },
        })
        .then(() => {
          for (const { topic, partition, from } of left.values())
            consumer.seek({ topic, partition, offset: String(from) });
        })
        // A consumer whose broker ends between the two can no longer seek.
        .catch(fail);
    });
  } finally {
    clearInterval(watch);
    await Promise.all([consumer.disconnect(), admin.disconnect()]);
  }
}

/** Returns the present start and end of the partitions of these ranges. */
async function watermarksOf(
  admin: Admin,
  ranges: readonly Range[],
): Promise<{ range: Range; low: bigint; high: bigint }[]> {
  const found = [...Map.groupBy(ranges, ({ topic }) => topic)].map(async ([topic, ofTopic]) => {
    const partitions = await admin.fetchTopicOffsets(topic);
    return ofTopic.flatMap((range) => {
      const one = partitions.find(({ partition }) => partition === range.partition);
      return one === undefined ? [] : [{ range, low: BigInt(one.low), high: BigInt(one.high) }];
    });
  });
  return (await Promise.all(found)).flat();
}

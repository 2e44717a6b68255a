import { newJti } from '@tallystick/contracts';
import type { KafkaMessage } from 'kafkajs';
import type { Kafka } from './kafka.ts';
import { placeOf } from './position.ts';

/** A stretch of a partition: from one offset up to another, which is not part of it. */
export interface Range {
  topic: string;
  partition: number;
  from: bigint;
  to: bigint;
}

/** The stretches of topics that came in from a moment on, up to their present ends; empty ones are left out. */
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
 * Reads stretches of partitions, outside any shared group.
 * @param take gets each record once, in the order of its partition
 */
export async function readRanges(
  kafka: Kafka,
  groupId: string,
  ranges: readonly Range[],
  take: (topic: string, message: KafkaMessage) => void,
): Promise<void> {
  if (ranges.length === 0) return;
  const consumer = kafka.consumer({ groupId: `${groupId}.${newJti()}`, maxWaitTimeInMs: 100 });
  const left = new Map(ranges.map((range) => [placeOf(range.topic, range.partition), range]));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...new Set(ranges.map(({ topic }) => topic))], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
        if (!restart) reject(error);
      });
      // Also told of what kafkajs keeps to itself, such as a transaction that came to nothing.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
        const range = left.get(placeOf(topic, partition));
        if (range === undefined) return;
        range.from = BigInt(lastOffset) + 1n;
        if (range.from < range.to) return;
        left.delete(placeOf(topic, partition));
        if (left.size === 0) resolve();
      });
      void consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            const range = left.get(placeOf(batch.topic, batch.partition));
            if (range === undefined) return;
            for (const message of batch.messages) {
              const offset = BigInt(message.offset);
              if (offset >= range.from && offset < range.to) take(batch.topic, message);
            }
          },
        })
        .then(() => {
          for (const { topic, partition, from } of left.values())
            consumer.seek({ topic, partition, offset: String(from) });
        }, reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

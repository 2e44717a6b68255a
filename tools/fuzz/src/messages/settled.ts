import type { World } from '@tallystick/attack';
import {
  consumedTopics,
  consumingServices,
  newJti,
  quarantineHeaders,
  quarantineOf,
} from '@tallystick/contracts';
import { topicOf } from '@tallystick/demo';
import { until } from '@tallystick/stack';
import { FUZZ_HEADER } from './send.ts';

/** Longest time for which consumers may work on what was sent. They tell Kafka their positions every five seconds. */
const READ_WITHIN_MS = 120_000;
const POLL_MS = 500;

/** A record in a quarantine, with its reason and the service that refused it. */
export interface Refused {
  mark: string;
  reason: string;
  consumer: string;
}

/**
 * Waits until each service has read each of its topics to the present end.
 * @returns a line for each partition in which a service is behind
 */
export async function behind(world: World): Promise<string[]> {
  const admin = world.kafka.admin();
  await admin.connect();
  try {
    const ends = new Map<string, Map<number, bigint>>();
    for (const topic of new Set(consumingServices().flatMap((service) => consumedTopics(service)))) {
      const offsets = await admin.fetchTopicOffsets(topicOf(world, topic));
      ends.set(
        topicOf(world, topic),
        new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)])),
      );
    }
    let late: string[] = [];
    await until(
      async () => {
        late = [];
        for (const service of consumingServices()) {
          const topics = consumedTopics(service).map((name) => topicOf(world, name));
          for (const { topic, partitions } of await admin.fetchOffsets({
            groupId: topicOf(world, service),
            topics,
          }))
            for (const { partition, offset } of partitions) {
              const end = ends.get(topic)?.get(partition) ?? 0n;
              if (BigInt(offset) < end)
                late.push(`${service} is at ${offset} of ${topic}[${partition}], which ends at ${end}`);
            }
        }
        return late.length === 0;
      },
      READ_WITHIN_MS,
      POLL_MS,
    );
    return late;
  } finally {
    await admin.disconnect();
  }
}

/** Reads every record of the quarantines that has the mark of this tool. */
export async function refusedRecords(world: World): Promise<Refused[]> {
  const topics = [...new Set(consumingServices().flatMap((service) => consumedTopics(service)))].map((name) =>
    quarantineOf(topicOf(world, name)),
  );
  const missing = await ends(world, topics);
  const refused: Refused[] = [];
  if (missing.size === 0) return refused;
  const consumer = world.kafka.consumer({ groupId: topicOf(world, `operator.fuzz.${newJti()}`) });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message: { offset, headers = {} } }) => {
        const header = (name: string): string => String(headers[name] ?? '');
        const mark = header(FUZZ_HEADER);
        if (mark !== '')
          refused.push({
            mark,
            reason: header(quarantineHeaders.reason),
            consumer: header(quarantineHeaders.consumer),
          });
        const place = `${topic} ${partition}`;
        if (BigInt(offset) + 1n >= (missing.get(place) ?? 0n)) missing.delete(place);
        if (missing.size === 0) resolve();
      },
    });
  });
  await consumer.disconnect();
  return refused;
}

/** Returns the end of each partition that has records. */
async function ends({ kafka }: World, topics: readonly string[]): Promise<Map<string, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const found = new Map<string, bigint>();
    for (const topic of topics)
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic))
        if (BigInt(high) > BigInt(low)) found.set(`${topic} ${partition}`, BigInt(high));
    return found;
  } finally {
    await admin.disconnect();
  }
}

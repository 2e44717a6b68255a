import type { CoreServiceName } from '@tallystick/contracts';
import { onDatabase } from '@tallystick/load';
import type { World } from '../world.ts';
import { promise } from './promise.ts';

/** The topics that each service consumes. */
const CONSUMED = {
  account: ['account.commands.v1'],
  card: ['card.commands.v1', 'account.events.v1'],
  payment: ['payment.commands.v1', 'account.events.v1', 'card.events.v1'],
} as const satisfies Partial<Record<CoreServiceName, readonly string[]>>;

export const nothingWaits = promise(
  'the system is idle: outboxes are empty, all records are consumed, no payment is unfinished',
  async (world) => [...(await underWay(world)), ...(await unpublished(world)), ...(await behind(world))],
);

async function underWay({ stack }: World): Promise<string[]> {
  const rows = await onDatabase(stack.postgres.payment!, (query) =>
    query<{ id: string; status: string }>(
      `SELECT payment_id AS id, status FROM payment
       WHERE status IN ('requested', 'authorized') OR capturing_minor <> 0 OR refunding_minor <> 0`,
    ),
  );
  return rows.map(({ id, status }) => `${id} is ${status}`);
}

async function unpublished({ stack }: World): Promise<string[]> {
  const counts = await Promise.all(
    Object.entries(stack.postgres).map(async ([service, url]) => {
      const [row] = await onDatabase(url, (query) =>
        query<{ rows: bigint }>('SELECT count(*) AS rows FROM outbox WHERE published_at IS NULL'),
      );
      return row!.rows === 0n ? [] : [`${service} has ${row!.rows} rows in its outbox`];
    }),
  );
  return counts.flat();
}

async function behind({ stack, kafka }: World): Promise<string[]> {
  const prefix = stack.kafka.topicPrefix ?? '';
  const admin = kafka.admin();
  await admin.connect();
  try {
    const lags = await Promise.all(
      Object.entries(CONSUMED).map(async ([service, names]) => {
        const positions = await onDatabase(stack.postgres[service as CoreServiceName]!, (query) =>
          query<{ topic: string; partition: number; next: bigint }>(
            'SELECT topic, partition, next FROM consumer_position',
          ),
        );
        const topics = names.map((name) => prefix + name);
        // Records for other services move only the position in memory: it is committed to Kafka, but not stored in the
        // database.
        const committed = await admin.fetchOffsets({ groupId: prefix + service, topics });
        const ends = await Promise.all(
          topics.map(async (topic) =>
            (await admin.fetchTopicOffsets(topic)).map((end) => ({ ...end, topic })),
          ),
        );
        return ends.flat().flatMap(({ topic, partition, high }) => {
          const stored =
            positions.find((one) => one.topic === topic && one.partition === partition)?.next ?? 0n;
          const heard = committed
            .find((one) => one.topic === topic)
            ?.partitions.find((one) => one.partition === partition)?.offset;
          const left = BigInt(high) - larger(stored, BigInt(heard ?? 0));
          return left > 0n ? [`${service} is ${left} behind on ${topic}[${partition}]`] : [];
        });
      }),
    );
    return lags.flat();
  } finally {
    await admin.disconnect();
  }
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

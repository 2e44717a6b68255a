import { newJti, quarantineOf, topics, quarantineHeaders } from '@tallystick/contracts';
import { type Kafka } from '@tallystick/messaging';
import { until } from '@tallystick/stack';
import { recordName } from '../hostile.ts';
import { promise } from './promise.ts';

const READ_WITHIN_MS = 20_000;

interface Quarantined {
  name: string;
  topic: string;
  key: string;
  reason: string;
}

export const quarantineHoldsTheHostile = promise(
  'the quarantine contains exactly the records of attackers',
  async ({ stack, kafka, hostile }) => {
    const names = Object.entries(topics).filter(([, { cleanup }]) => cleanup !== 'compacted');
    const found = await readAll(
      kafka,
      names.map(([name]) => quarantineOf((stack.kafka.topicPrefix ?? '') + name)),
    );
    const distinct = new Map(found.map((one) => [`${one.topic}\n${one.name}`, one]));
    const innocent = [...distinct.values()].filter(({ name }) => !hostile.published.has(name));
    const caught = distinct.size - innocent.length;
    return [
      ...innocent.map(({ topic, key, reason }) => `${topic} has ${key} for ${reason}`),
      ...(caught === hostile.quarantinedCount
        ? []
        : [`${caught} hostile records are in quarantines, expected ${hostile.quarantinedCount}`]),
    ];
  },
);

async function readAll(kafka: Kafka, names: string[]): Promise<Quarantined[]> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await Promise.all(
    names.map(async (topic) => (await admin.fetchTopicOffsets(topic)).map((end) => ({ ...end, topic }))),
  );
  await admin.disconnect();
  const waiting = new Map(
    ends
      .flat()
      .filter(({ low, high }) => Number(high) > Number(low))
      .map(({ topic, partition, high }) => [`${topic} ${partition}`, BigInt(high) - 1n]),
  );
  const found: Quarantined[] = [];
  if (waiting.size === 0) return found;
  const consumer = kafka.consumer({ groupId: `chaos.quarantine.${newJti()}`, maxWaitTimeInMs: 100 });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: names, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message: { key, value, headers, offset } }) => {
        const reason = String(headers?.[quarantineHeaders.reason]);
        const digest = headers?.[quarantineHeaders.valueDigest]?.toString();
        const name = recordName(key, value, digest);
        found.push({ name, topic, key: key?.toString('utf8') ?? '', reason });
        const place = `${topic} ${partition}`;
        if (BigInt(offset) >= (waiting.get(place) ?? -1n)) waiting.delete(place);
      },
    });
    if (!(await until(() => waiting.size === 0, READ_WITHIN_MS)))
      throw new Error(`the quarantines were not read within ${READ_WITHIN_MS} ms`);
    return found;
  } finally {
    await consumer.disconnect();
  }
}

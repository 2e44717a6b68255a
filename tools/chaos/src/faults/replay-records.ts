import { newJti } from '@tallystick/contracts';
import { Publisher, type OutgoingRecord } from '@tallystick/messaging';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { Fault } from './fault.ts';

const TOPICS = [
  'payment.commands.v1',
  'account.commands.v1',
  'account.events.v1',
  'card.commands.v1',
  'card.events.v1',
] as const;
const RECORDS_MAX = 200;
/** Most records that it reads back on each partition. */
const REACH = 400;
const READ_WITHIN_MS = 20_000;

export const replayRecords: Fault<'messages'> = {
  name: 'replay-records',
  does: 'old records of a topic are republished, byte for byte, in another order',
  on: () => 'messages',
  async inject(world, _messages, random) {
    const topic = (world.stack.kafka.topicPrefix ?? '') + random.pick(TOPICS);
    const records = shuffled(await readBack(world, topic), random).slice(0, RECORDS_MAX);
    const publisher = await Publisher.connect(world.kafka);
    try {
      await publisher.publish(records);
    } finally {
      await publisher.disconnect();
    }
    return `${records.length} of ${topic}`;
  },
};

/** Reads the latest records of each partition by their offsets. */
async function readBack({ kafka }: World, topic: string): Promise<OutgoingRecord[]> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const wanted = ends
    .map(({ partition, low, high }) => ({
      partition,
      from: Math.max(Number(low), Number(high) - REACH),
      to: Number(high),
    }))
    .filter(({ from, to }) => to > from);
  const waiting = new Set(wanted.map(({ partition }) => partition));
  const records: OutgoingRecord[] = [];
  if (waiting.size === 0) return records;
  const consumer = kafka.consumer({ groupId: `chaos.replay.${newJti()}`, maxWaitTimeInMs: 100 });
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => done.reject(new Error(`${topic} was not read within ${READ_WITHIN_MS} ms`)),
    READ_WITHIN_MS,
  );
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message: { key, value, headers, offset } }) => {
        const range = wanted.find((one) => one.partition === partition);
        if (range === undefined || Number(offset) < range.from || !waiting.has(partition)) return;
        const plain = Object.entries(headers ?? {}).map(([name, header]) => [name, String(header)]);
        records.push({
          id: newJti(),
          topic,
          key,
          value,
          headers: Object.fromEntries(plain) as Record<string, string>,
        });
        if (Number(offset) >= range.to - 1) waiting.delete(partition);
        if (waiting.size === 0) done.resolve();
      },
    });
    for (const { partition, from } of wanted) consumer.seek({ topic, partition, offset: String(from) });
    await done.promise;
    return records;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

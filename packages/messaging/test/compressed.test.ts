import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CompressionTypes } from 'kafkajs';
import { readTopic, type TopicReader } from './read-topic.ts';
import { commandTopic, startWorld, type World } from './world.ts';
import { eventually } from './eventually.ts';

let world: World;
let reader: TopicReader;
beforeAll(async () => {
  world = await startWorld();
  reader = await readTopic(world.kafka, world.topicPrefix + commandTopic);
});
afterAll(async () => {
  await reader.stop();
  await world.stop();
});

const send = async (value: Buffer): Promise<void> => {
  const producer = world.kafka.producer();
  await producer.connect();
  try {
    await producer.send({
      topic: world.topicPrefix + commandTopic,
      compression: CompressionTypes.GZIP,
      messages: [{ key: 'k', value }],
    });
  } finally {
    await producer.disconnect();
  }
};

test('stores records uncompressed if a producer compresses them', async () => {
  await send(Buffer.from('an order'));
  const [message] = await eventually(() => reader.messages.length > 0 && reader.messages);
  expect(message?.value?.toString()).toBe('an order');
});

test('refuses a record that is too large before compression', async () => {
  await expect(send(Buffer.alloc(8_388_608))).rejects.toThrow(/larger than the max/);
});

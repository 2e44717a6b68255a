import { newJti } from '@tallystick/contracts';
import type { KafkaMessage } from 'kafkajs';

import type { Kafka } from '../src/index.ts';

/** A reader of a topic from its beginning. */
export interface TopicReader {
  /** The messages read so far, in the order of each partition. */
  messages: KafkaMessage[];
  stop(): Promise<void>;
}

export async function readTopic(kafka: Kafka, topic: string): Promise<TopicReader> {
  const consumer = kafka.consumer({ groupId: `reader.${newJti()}`, maxWaitTimeInMs: 100 });
  const messages: KafkaMessage[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      messages.push(message);
    },
  });
  return { messages, stop: () => consumer.disconnect() };
}

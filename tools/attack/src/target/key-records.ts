import { KEY_TOPIC, newJti } from '@tallystick/contracts';
import type { Kafka } from '@tallystick/messaging';

/** Reads every record of the key topic, in its order. */
export async function readKeyRecords(kafka: Kafka, topicPrefix: string): Promise<string[]> {
  const topic = topicPrefix + KEY_TOPIC;
  const admin = kafka.admin();
  await admin.connect();
  const [end] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const last = Number(end!.high) - 1;
  const records: string[] = [];
  const consumer = kafka.consumer({ groupId: `${topicPrefix}attack.keys.${newJti()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        if (message.value !== null) records.push(message.value.toString());
        if (Number(message.offset) >= last) resolve();
      },
    });
  });
  await consumer.disconnect();
  return records;
}

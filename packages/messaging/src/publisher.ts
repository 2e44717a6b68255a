import type { Producer } from 'kafkajs';
import type { Kafka } from './kafka.ts';
import { partitioner } from './partitioner.ts';
import type { OutgoingRecord } from './record.ts';

/** A produce request past the broker's limit of 1 MiB would be refused for ever, so requests are cut well before. */
const REQUEST_BYTES_MAX = 524_288;

/** Sends records to Kafka, acknowledged by all in-sync replicas, each key to the partition that Java clients choose. */
export class Publisher {
  readonly #producer: Producer;

  private constructor(producer: Producer) {
    this.#producer = producer;
  }

  static async connect(kafka: Kafka): Promise<Publisher> {
    const producer = kafka.producer({
      createPartitioner: partitioner,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    return new Publisher(producer);
  }

  /** Resolves once the brokers have all records. One request for all topics, cut by bytes; order is kept. */
  async publish(records: readonly OutgoingRecord[]): Promise<void> {
    for (const request of cutByBytes(records)) {
      const byTopic = Map.groupBy(request, ({ topic }) => topic);
      await this.#producer.sendBatch({
        acks: -1,
        topicMessages: [...byTopic].map(([topic, group]) => ({
          topic,
          messages: group.map(({ key, value, headers }) => ({ key, value, headers })),
        })),
      });
    }
  }

  async disconnect(): Promise<void> {
    await this.#producer.disconnect();
  }
}

/** Cuts records into runs of at most {@link REQUEST_BYTES_MAX}; a single larger record is a run of its own. */
export function cutByBytes(
  records: readonly OutgoingRecord[],
  bytesMax = REQUEST_BYTES_MAX,
): OutgoingRecord[][] {
  const runs: OutgoingRecord[][] = [];
  let run: OutgoingRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = (record.value?.length ?? 0) + (record.key?.length ?? 0) + 512;
    if (run.length > 0 && bytes + size > bytesMax) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(record);
    bytes += size;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

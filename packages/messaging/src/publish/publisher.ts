import kafkajs, { type Producer } from 'kafkajs';
import { chunksOf } from '../consume/chunks.ts';
import type { Kafka } from '../kafka.ts';
import { partitioner } from './partitioner.ts';
import type { OutgoingRecord } from './record.ts';

const { KafkaJSProtocolError } = kafkajs;

/** A produce request past the broker's limit of 1 MiB would be refused for ever, so requests are cut well before. */
const REQUEST_BYTES_MAX = 524_288;
/** What a record or a header takes beside its contents, at the most. */
const RECORD_BYTES = 32;

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

  /**
   * Resolves once the brokers have all records. One request for all topics, cut by bytes; order is kept.
   * @throws what they refused a request for, as {@link isRefused} knows, once they had the others; any other fault at once
   */
  async publish(records: readonly OutgoingRecord[]): Promise<void> {
    let refusal: unknown;
    for (const request of chunksOf(records, bytesOf, { bytesMax: REQUEST_BYTES_MAX })) {
      try {
        await this.#send(request);
      } catch (error) {
        if (!isRefused(error)) throw error;
        refusal = error;
      }
    }
    if (refusal !== undefined) throw refusal;
  }

  async #send(records: readonly OutgoingRecord[]): Promise<void> {
    const byTopic = Map.groupBy(records, ({ topic }) => topic);
    await this.#producer.sendBatch({
      acks: -1,
      topicMessages: [...byTopic].map(([topic, group]) => ({
        topic,
        messages: group.map(({ key, value, headers }) => ({ key, value, headers })),
      })),
    });
  }

  async disconnect(): Promise<void> {
    await this.#producer.disconnect();
  }
}

/** Whether a publishing failed since the brokers will not have some record of it, whenever it is offered. */
export function isRefused(error: unknown): boolean {
  // kafkajs wraps what it does not try again.
  const cause = (error as { cause?: unknown } | null)?.cause ?? error;
  return cause instanceof KafkaJSProtocolError && !cause.retriable;
}

/** With its headers, which may be an outsider's, and what their lengths take. */
function bytesOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = (value?.length ?? 0) + (key?.length ?? 0) + RECORD_BYTES;
  for (const name in headers) bytes += 2 * name.length + (headers[name]?.length ?? 0) + RECORD_BYTES;
  return bytes;
}

import kafkajs, { type Message, type Producer } from 'kafkajs';
import { chunksOf } from '../consume/chunks.ts';
import type { Kafka } from '../kafka.ts';
import { partitioner } from './partitioner.ts';
import type { OutgoingRecord } from './record.ts';

const { KafkaJSProtocolError } = kafkajs;

/** Brokers refuse a produce request above their limit of 1 MiB, so requests are split well below it. */
const REQUEST_BYTES_MAX = 524_288;
/** Upper limit of a record's or header's size in addition to its contents. */
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
   * Publishes records of all topics, and resolves when the brokers have them. Requests are split by bytes; order is
   * kept.
   * @throws a refusal, as of {@link isRefused}, after the other requests have succeeded; any other error at once
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
    const byTopic = new Map<string, Message[]>();
    for (const { topic, key, value, headers } of records) {
      const message = { key, value, headers };
      const others = byTopic.get(topic);
      if (others === undefined) byTopic.set(topic, [message]);
      else others.push(message);
    }
    await this.#producer.sendBatch({
      acks: -1,
      topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })),
    });
  }

  async disconnect(): Promise<void> {
    await this.#producer.disconnect();
  }
}

/** Whether publishing failed because the brokers refuse a record permanently. */
export function isRefused(error: unknown): boolean {
  // kafkajs wraps errors that it does not retry.
  const cause = (error as { cause?: unknown } | null)?.cause ?? error;
  return cause instanceof KafkaJSProtocolError && !cause.retriable;
}

/** Includes headers, possibly from third parties, and the space for their lengths. */
function bytesOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = (value?.length ?? 0) + (key?.length ?? 0) + RECORD_BYTES;
  for (const name in headers) bytes += 2 * name.length + (headers[name]?.length ?? 0) + RECORD_BYTES;
  return bytes;
}

import { messages, newJti } from '@tallystick/contracts';
import { BatchConsumer, Outbox } from '@tallystick/messaging';
import { until } from '@tallystick/stack';
import { openInfrastructure, orderRecords, type Addresses, type Infrastructure } from './infrastructure.ts';
import type { Bench } from './rates.ts';
import { makeTrust, type Trust } from './trust.ts';

const RECORDS = 8_000;
const WITHIN_MS = 60_000;

/**
 * Measures the consumer: fetch, checks, inbox and position in one transaction. Limit: kafkajs that reads and does
 * nothing.
 */
export function consumerBench(addresses: () => Promise<Addresses>): Bench {
  return {
    name: 'consumer',
    summary: 'records from fetch to commit with an empty handler; limit: kafkajs reading them',
    async run(use) {
      const trust = await makeTrust();
      const infrastructure = await openInfrastructure(await addresses());
      try {
        const { publisher, topicPrefix } = infrastructure;
        await publisher.publish(await orderRecords(trust, topicPrefix, RECORDS));
        await use([
          {
            name: 'consumer, empty handler',
            unit: 'records/s',
            round: () => consume(infrastructure, trust),
            limit: { what: 'kafkajs eachBatch', round: () => read(infrastructure) },
          },
        ]);
      } finally {
        await infrastructure.close();
      }
    },
  };
}

/** Counts records from the first batch on, since joining the group is not measured. */
class Count {
  #first: { records: number; atMs: number } | undefined;
  #seen = 0;
  #lastMs = 0;

  add(records: number): void {
    this.#lastMs = performance.now();
    this.#first ??= { records, atMs: this.#lastMs };
    this.#seen += records;
  }

  async rate(): Promise<number> {
    if (!(await until(() => this.#seen >= RECORDS, WITHIN_MS, 5)))
      throw new Error(`${this.#seen} of ${RECORDS} records after ${WITHIN_MS} ms`);
    const { records, atMs } = this.#first!;
    return ((this.#seen - records) * 1000) / (this.#lastMs - atMs);
  }
}

async function consume(infrastructure: Infrastructure, { keyring, service }: Trust): Promise<number> {
  const { kafka, topicPrefix, pool, publisher, logger } = infrastructure;
  await pool.query('TRUNCATE consumer_position, inbox');
  const outbox = new Outbox({
    pool,
    publisher,
    issuer: service.id,
    signingKey: () => service.key,
    keyring,
    topicPrefix,
    logger,
    keptS: 86_400,
    nowMs: Date.now,
  });
  const count = new Count();
  const consumer = new BatchConsumer({
    kafka,
    service: `bench.${newJti()}`,
    topicPrefix,
    subscriptions: {
      'payment.commands.v1': {
        types: new Set([messages.paymentCreate.type]),
        handle: async ({ firstSeen }) => count.add((await firstSeen).size),
      },
    },
    pool,
    outbox,
    keyring,
    awaitKey: async () => false,
    hearsOfKeys: () => true,
    publisher,
    logger,
    nowMs: Date.now,
  });
  await consumer.start();
  try {
    return await count.rate();
  } finally {
    await consumer.stop();
  }
}

async function read({ kafka, topicPrefix }: Infrastructure): Promise<number> {
  const consumer = kafka.consumer({ groupId: `${topicPrefix}raw.${newJti()}`, maxWaitTimeInMs: 500 });
  const count = new Count();
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [`${topicPrefix}payment.commands.v1`], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: async ({ batch }) => count.add(batch.messages.length),
    });
    return await count.rate();
  } finally {
    await consumer.disconnect();
  }
}

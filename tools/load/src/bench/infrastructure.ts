import { randomBytes } from 'node:crypto';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { messages } from '@tallystick/contracts';
import {
  createKafka,
  ensureTopics,
  messagingMigrations,
  Publisher,
  recordOf,
  type Kafka,
  type OutgoingRecord,
} from '@tallystick/messaging';
import { createDatabase, createPool, migrate, type Pool } from '@tallystick/postgres';
import { seal } from '@tallystick/security';
import { createLogger, type Logger } from '@tallystick/telemetry';
import { anOrder } from './message-samples.ts';
import type { Trust } from './trust.ts';

export interface Addresses {
  brokers: readonly string[];
  postgresUrl: string;
}

/** The separate topics and database of one bench. */
export interface Infrastructure {
  kafka: Kafka;
  logger: Logger;
  topicPrefix: string;
  pool: Pool;
  publisher: Publisher;
  close(): Promise<void>;
}

export async function openInfrastructure({ brokers, postgresUrl }: Addresses): Promise<Infrastructure> {
  const logger = createLogger({ service: 'bench', level: 'silent', confidentialFields: [] });
  const kafka = createKafka({ brokers, clientId: 'bench', logger });
  const topicPrefix = `bench${randomBytes(3).toString('hex')}.`;
  const [database] = await Promise.all([
    createDatabase(postgresUrl),
    ensureTopics(kafka, { prefix: topicPrefix }),
  ]);
  const pool = createPool({ url: database.url, applicationName: 'bench', planner: 'nested-loops' });
  await migrate(pool, messagingMigrations);
  const publisher = await Publisher.connect(kafka);
  return {
    kafka,
    logger,
    topicPrefix,
    pool,
    publisher,
    async close() {
      await publisher.disconnect();
      await pool.end();
      await database.drop();
    },
  };
}

/** Creates records of signed orders. */
export async function orderRecords(
  { producer }: Trust,
  topicPrefix: string,
  count: number,
): Promise<OutgoingRecord[]> {
  const topic = `${topicPrefix}payment.commands.v1`;
  const envelopes = await Promise.all(
    Array.from({ length: count }, () =>
      seal(messages.paymentCreate, anOrder(), {
        issuer: producer.id,
        signingKey: producer.key,
        topic,
        nowMs: Date.now(),
        lifetimeS: 3_600,
      }),
    ),
  );
  return envelopes.map((envelope) => recordOf(envelope, ROOT_CONTEXT));
}

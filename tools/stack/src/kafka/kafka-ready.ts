import { kafkaSecurity, type KafkaConnection } from '@tallystick/messaging';
import { Kafka, logLevel } from 'kafkajs';

import { messageOf, PrerequisiteError } from '../errors.ts';

/**
 * Checks once whether brokers are ready. That includes more than an open port: the broker is registered and finds the
 * coordinator of a consumer group, which on a new broker creates the offsets topic.
 *
 * @returns false while they are starting
 */
export async function kafkaServes(connection: KafkaConnection): Promise<boolean> {
  return (await faultOf(connection)) === null;
}

/**
 * Checks brokers that the environment named.
 *
 * @throws PrerequisiteError if they are not ready
 */
export async function requireKafka(brokers: string[]): Promise<void> {
  const fault = await faultOf({ brokers }, 5_000);
  if (fault === null) return;
  throw new PrerequisiteError(
    `KAFKA_BROKERS names ${brokers.join(',')}, but no Kafka answers there (${messageOf(fault)}): start it, or unset KAFKA_BROKERS.`,
    { cause: fault },
  );
}

async function faultOf(connection: KafkaConnection, connectionTimeout = 1_000): Promise<unknown> {
  const admin = new Kafka({
    clientId: 'tallystick-stack',
    ...kafkaSecurity(connection),
    connectionTimeout,
    requestTimeout: 5_000,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    await admin.describeCluster();
    await admin.describeGroups(['tallystick-stack']);
    return null;
  } catch (fault) {
    return fault;
  } finally {
    await admin.disconnect();
  }
}

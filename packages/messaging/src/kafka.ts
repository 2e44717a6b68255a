import { Kafka, logLevel, type logCreator } from 'kafkajs';
import type { Logger } from '@tallystick/telemetry';
import { useOwnEncoding } from './kafkajs-encoding.ts';

useOwnEncoding();

export type { Kafka } from 'kafkajs';

export interface KafkaOptions {
  brokers: readonly string[];
  clientId: string;
  logger: Logger;
}

/** kafkajs tells these as errors while a broker starts or a group rebalances; it goes on by itself. */
const EXPECTED =
  /GROUP_COORDINATOR_NOT_AVAILABLE|COORDINATOR_LOAD|rebalanc|NOT_COORDINATOR|The coordinator is not available|does not host this topic/i;

/** Makes the client that all producers and consumers of a process share, logging through `logger`. */
export function createKafka({ brokers, clientId, logger }: KafkaOptions): Kafka {
  const creator: logCreator =
    () =>
    ({ level, log: { message, error, ...rest } }) => {
      const text = `kafka: ${message}`;
      const fields = {
        kafka: {
          error: error as unknown,
          groupId: rest['groupId'] as unknown,
          broker: rest['broker'] as unknown,
        },
      };
      const expected = EXPECTED.test(`${message} ${String(error)}`);
      if (level === logLevel.ERROR && !expected) logger.error(fields, text);
      else if (level <= logLevel.WARN) logger.debug(fields, text);
    };
  return new Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.WARN,
    logCreator: creator,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 20 },
  });
}

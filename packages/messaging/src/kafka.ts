import { readFileSync } from 'node:fs';
import kafkajs, { Kafka, logLevel, type KafkaConfig, type logCreator } from 'kafkajs';
import type { Logger } from '@tallystick/telemetry';
import { useOwnProtocol } from './wire/kafkajs-protocol.ts';

useOwnProtocol();

export type { Kafka } from 'kafkajs';

/** Address and authentication of Kafka and of its user. Files are read again for each connection. */
export interface KafkaConnection {
  /** `host:port` each */
  brokers: readonly string[];
  /** TLS, with the authority (PEM) of the brokers' certificates; without it, nothing is encrypted */
  caFile?: string | undefined;
  /** a client certificate and its key (PEM), if brokers require one */
  certificate?: { certificateFile: string; keyFile: string } | undefined;
  /** SASL by SCRAM-SHA-512 (RFC 5802), over TLS only */
  password?: { username: string; passwordFile: string } | undefined;
}

export interface KafkaOptions extends KafkaConnection {
  clientId: string;
  logger: Logger;
}

/** Returns whether an error is one of the client for Kafka: no broker answered, or one refused. */
export function isKafkaFault(error: unknown): boolean {
  return error instanceof kafkajs.KafkaJSError;
}

/** kafkajs logs these as errors while a broker starts or a group rebalances; it recovers by itself. */
const EXPECTED =
  /GROUP_COORDINATOR_NOT_AVAILABLE|COORDINATOR_LOAD|rebalanc|NOT_COORDINATOR|The coordinator is not available|does not host this topic/i;

/** Creates the client for all producers and consumers of a process, which logs to `logger`. */
export function createKafka({ clientId, logger, ...connection }: KafkaOptions): Kafka {
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
    ...kafkaSecurity(connection),
    logLevel: logLevel.WARN,
    logCreator: creator,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 20 },
  });
}

/**
 * Returns the part of kafkajs' configuration with the brokers, and with the authentication of both sides. kafkajs
 * reads it at each connection, so a getter in it follows a replaced file.
 */
export function kafkaSecurity({
  brokers,
  caFile,
  certificate,
  password,
}: KafkaConnection): Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'> {
  if (caFile === undefined) return { brokers: [...brokers] };
  return {
    brokers: [...brokers],
    ssl: {
      get ca() {
        return readFileSync(caFile, 'utf8');
      },
      ...(certificate !== undefined && {
        get cert() {
          return readFileSync(certificate.certificateFile, 'utf8');
        },
        get key() {
          return readFileSync(certificate.keyFile, 'utf8');
        },
      }),
    },
    ...(password !== undefined && {
      sasl: {
        mechanism: 'scram-sha-512',
        username: password.username,
        get password() {
          return readFileSync(password.passwordFile, 'utf8').trim();
        },
      },
    }),
  };
}

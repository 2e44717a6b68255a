import { certificateFile, passwordFile, privateKeyFile, type RequiredTogether } from '@tallystick/config';
import * as z from 'zod';
import type { KafkaConnection } from './kafka.ts';

/** The environment variables that locate Kafka and authenticate a program. */
export const kafkaEnvironment = {
  KAFKA_BROKERS: z
    .string()
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .refine(
      (brokers) => brokers.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker)),
      'must be a list of host:port',
    )
    .meta({ description: 'Bootstrap brokers, separated by commas', unit: 'host:port, …' }),
  KAFKA_CA_FILE: certificateFile
    .optional()
    .describe(
      'Certificate authority of the brokers, PEM. With it all connections use TLS, without it none do',
    ),
  KAFKA_CERTIFICATE_FILE: certificateFile
    .optional()
    .describe('Client certificate, PEM, for brokers that authenticate clients by certificate'),
  KAFKA_KEY_FILE: privateKeyFile.optional().describe('Private key of KAFKA_CERTIFICATE_FILE, PEM'),
  KAFKA_USERNAME: z
    .string()
    .min(1)
    .optional()
    .describe('User, for brokers that authenticate clients by password (SCRAM-SHA-512)'),
  KAFKA_PASSWORD_FILE: passwordFile.optional().describe('File with the password of KAFKA_USERNAME'),
};

export type KafkaSettings = z.output<z.ZodObject<typeof kafkaEnvironment>>;

/** Settings that require each other. */
export const kafkaRequiredTogether: RequiredTogether = {
  needs: [
    ['KAFKA_CERTIFICATE_FILE', 'KAFKA_KEY_FILE'],
    ['KAFKA_KEY_FILE', 'KAFKA_CERTIFICATE_FILE'],
    ['KAFKA_USERNAME', 'KAFKA_PASSWORD_FILE'],
    ['KAFKA_PASSWORD_FILE', 'KAFKA_USERNAME'],
    // a password or certificate must not be sent to an unverified broker
    ['KAFKA_USERNAME', 'KAFKA_CA_FILE'],
    ['KAFKA_CERTIFICATE_FILE', 'KAFKA_CA_FILE'],
  ],
  keyPairs: [['KAFKA_CERTIFICATE_FILE', 'KAFKA_KEY_FILE']],
};

/** Returns the connection to Kafka from the settings. */
export function kafkaConnection(settings: KafkaSettings): KafkaConnection {
  const {
    KAFKA_CERTIFICATE_FILE: certificateFile,
    KAFKA_KEY_FILE: keyFile,
    KAFKA_USERNAME: username,
    KAFKA_PASSWORD_FILE: passwordFile,
  } = settings;
  return {
    brokers: settings.KAFKA_BROKERS,
    caFile: settings.KAFKA_CA_FILE,
    ...(certificateFile !== undefined &&
      keyFile !== undefined && { certificate: { certificateFile, keyFile } }),
    ...(username !== undefined && passwordFile !== undefined && { password: { username, passwordFile } }),
  };
}

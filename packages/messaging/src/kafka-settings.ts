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
    .meta({ description: 'Brokers to begin with, separated by commas', unit: 'host:port, …' }),
  KAFKA_CA_FILE: certificateFile
    .optional()
    .describe(
      'The authority that the brokers’ certificates come from, PEM. With it all goes by TLS, without it nothing does',
    ),
  KAFKA_CERTIFICATE_FILE: certificateFile
    .optional()
    .describe('This client’s certificate, PEM, for brokers that know clients by it'),
  KAFKA_KEY_FILE: privateKeyFile.optional().describe('Its private key, PEM'),
  KAFKA_USERNAME: z
    .string()
    .min(1)
    .optional()
    .describe('The user, for brokers that know clients by a password (SCRAM-SHA-512)'),
  KAFKA_PASSWORD_FILE: passwordFile.optional().describe('A file that holds the user’s password'),
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

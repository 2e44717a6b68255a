import { certificateFile, passwordFile, privateKeyFile, type Belonging } from '@tallystick/security';
import * as z from 'zod';
import type { KafkaConnection } from './kafka.ts';

/** The environment variables that say where Kafka is, and as whom a program speaks to it. */
export const kafkaEnvironment = {
  KAFKA_BROKERS: z
    .string()
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .refine(
      (brokers) => brokers.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker)),
      'must be a list of host:port',
    ),
  /** The authority (PEM) that the brokers' certificates come from. With it all goes by TLS; without it nothing does. */
  KAFKA_CA_FILE: certificateFile.optional(),
  /** This client's certificate and its key (PEM), for brokers that know clients by it. */
  KAFKA_CERTIFICATE_FILE: certificateFile.optional(),
  KAFKA_KEY_FILE: privateKeyFile.optional(),
  /** The user and its password (SCRAM-SHA-512), for brokers that know clients by it. */
  KAFKA_USERNAME: z.string().min(1).optional(),
  KAFKA_PASSWORD_FILE: passwordFile.optional(),
};

export type KafkaSettings = z.output<z.ZodObject<typeof kafkaEnvironment>>;

/** Which of them belong together. */
export const kafkaBelonging: Belonging = {
  needs: [
    ['KAFKA_CERTIFICATE_FILE', 'KAFKA_KEY_FILE'],
    ['KAFKA_KEY_FILE', 'KAFKA_CERTIFICATE_FILE'],
    ['KAFKA_USERNAME', 'KAFKA_PASSWORD_FILE'],
    ['KAFKA_PASSWORD_FILE', 'KAFKA_USERNAME'],
    // a password, or the right to a topic, is not to be shown to whoever answers
    ['KAFKA_USERNAME', 'KAFKA_CA_FILE'],
    ['KAFKA_CERTIFICATE_FILE', 'KAFKA_CA_FILE'],
  ],
  keyPairs: [['KAFKA_CERTIFICATE_FILE', 'KAFKA_KEY_FILE']],
};

/** What the settings say of the way to Kafka. */
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

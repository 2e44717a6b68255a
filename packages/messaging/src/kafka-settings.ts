import { accessSync, constants } from 'node:fs';
import { ConfigurationError } from '@tallystick/security';
import * as z from 'zod';
import type { KafkaConnection } from './kafka.ts';

const file = z.string().min(1);

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
  KAFKA_CA_FILE: file.optional(),
  /** This client's certificate and its key (PEM), for brokers that know clients by it. */
  KAFKA_CERTIFICATE_FILE: file.optional(),
  KAFKA_KEY_FILE: file.optional(),
  /** The user and its password (SCRAM-SHA-512), for brokers that know clients by it. */
  KAFKA_USERNAME: z.string().min(1).optional(),
  KAFKA_PASSWORD_FILE: file.optional(),
};

export type KafkaSettings = z.output<z.ZodObject<typeof kafkaEnvironment>>;

/** Settings that are of no use one without the other. */
const TOGETHER = [
  ['KAFKA_CERTIFICATE_FILE', 'KAFKA_KEY_FILE'],
  ['KAFKA_KEY_FILE', 'KAFKA_CERTIFICATE_FILE'],
  ['KAFKA_USERNAME', 'KAFKA_PASSWORD_FILE'],
  ['KAFKA_PASSWORD_FILE', 'KAFKA_USERNAME'],
  // a password, or the right to a topic, is not to be shown to whoever answers
  ['KAFKA_USERNAME', 'KAFKA_CA_FILE'],
  ['KAFKA_CERTIFICATE_FILE', 'KAFKA_CA_FILE'],
] as const;
const FILES = ['KAFKA_CA_FILE', 'KAFKA_CERTIFICATE_FILE', 'KAFKA_KEY_FILE', 'KAFKA_PASSWORD_FILE'] as const;

/**
 * What the settings say of the way to Kafka.
 * @throws ConfigurationError that names every setting that is missing beside another, and every file that cannot be read
 */
export function kafkaConnection(settings: KafkaSettings): KafkaConnection {
  const faults = [
    ...TOGETHER.filter(([one, other]) => settings[one] !== undefined && settings[other] === undefined).map(
      ([one, other]) => `${other}: is not set, and ${one} is of no use without it`,
    ),
    ...FILES.flatMap((name) => unreadable(name, settings[name])),
  ];
  if (faults.length > 0)
    throw new ConfigurationError(`the configuration is not usable:\n  ${[...new Set(faults)].join('\n  ')}`);
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

function unreadable(name: string, path: string | undefined): string[] {
  if (path === undefined) return [];
  try {
    accessSync(path, constants.R_OK);
    return [];
  } catch (error) {
    return [`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`];
  }
}

import { ConfigurationError, environmentSchema, fileHolding, readEnvironment } from '@tallystick/config';
import { currency, producerId } from '@tallystick/contracts';
import {
  kafkaConnection,
  kafkaEnvironment,
  kafkaRequiredTogether,
  type KafkaConnection,
} from '@tallystick/messaging';
import { loadPrivateJwk, loadTrustAnchors } from '@tallystick/security';
import * as z from 'zod';

const origin = z
  .url({ protocol: /^https?$/, error: 'must be a URL like https://payment.example.com' })
  .transform((url) => url.replace(/\/$/, ''));

/** The environment variables of the probe. Without those of Kafka it probes the HTTP interfaces alone. */
export const probeEnvironment = {
  ISSUER: origin.describe('Origin of auth, the issuer of tokens'),
  ACCOUNT_PUBLIC_URL: origin.describe('Origin of the account service'),
  PAYMENT_PUBLIC_URL: origin.describe('Origin of the payment service'),
  PROBE_CLIENT_ID: z
    .string()
    .min(1)
    .max(128)
    .default('probe')
    .describe('The client of the probe, registered with auth for client credentials. It owns the accounts'),
  PROBE_CLIENT_KEY_FILE: fileHolding(loadPrivateJwk).describe('Private JWK of PROBE_CLIENT_ID'),
  PROBE_CURRENCY: currency
    .default('EUR')
    .meta({ description: 'Currency of the accounts', unit: 'ISO 4217 code' }),
  PROBE_PRODUCER_ID: producerId
    .optional()
    .describe('The message producer of the probe; if absent, Kafka is not probed'),
  PROBE_PRODUCER_KEY_FILE: fileHolding(loadPrivateJwk)
    .optional()
    .describe('Private JWK of PROBE_PRODUCER_ID'),
  TRUST_ANCHORS_FILE: fileHolding(loadTrustAnchors)
    .optional()
    .describe('Public root keys (JWK set) that the probe trusts'),
  TOPIC_PREFIX: z.string().default('').describe('Prefix of topic names'),
  ...kafkaEnvironment,
  KAFKA_BROKERS: kafkaEnvironment.KAFKA_BROKERS.optional().meta({
    description: 'Bootstrap brokers for third parties, separated by commas',
    unit: 'host:port, …',
  }),
};

const requiredOfProducers = ['PROBE_PRODUCER_KEY_FILE', 'TRUST_ANCHORS_FILE', 'KAFKA_BROKERS'] as const;

const environment = environmentSchema(probeEnvironment, {
  ...kafkaRequiredTogether,
  needs: [
    ...kafkaRequiredTogether.needs,
    ...requiredOfProducers.map((name) => ['PROBE_PRODUCER_ID', name] as const),
    ['PROBE_PRODUCER_KEY_FILE', 'PROBE_PRODUCER_ID'],
  ],
});

type PrivateJwk = Awaited<ReturnType<typeof loadPrivateJwk>>;

/** What the probe signs orders on Kafka with. */
export interface ProducerSettings {
  producerId: string;
  privateJwk: PrivateJwk;
  trustAnchors: Awaited<ReturnType<typeof loadTrustAnchors>>;
  topicPrefix: string;
  kafka: KafkaConnection;
}

export interface ProbeSettings {
  issuer: string;
  services: { account: string; payment: string };
  clientId: string;
  clientKey: PrivateJwk;
  currency: z.output<typeof currency>;
  /** `undefined`: Kafka is not probed. */
  producer: ProducerSettings | undefined;
}

/** @throws ConfigurationError that names every missing or invalid variable and file */
export async function readSettings(env: Record<string, string | undefined>): Promise<ProbeSettings> {
  const given = await readEnvironment(environment, env);
  return {
    issuer: given.ISSUER,
    services: { account: given.ACCOUNT_PUBLIC_URL, payment: given.PAYMENT_PUBLIC_URL },
    clientId: given.PROBE_CLIENT_ID,
    clientKey: given.PROBE_CLIENT_KEY_FILE,
    currency: given.PROBE_CURRENCY,
    producer: producerOf(given),
  };
}

function producerOf(given: z.output<typeof environment>): ProducerSettings | undefined {
  const {
    PROBE_PRODUCER_ID: id,
    PROBE_PRODUCER_KEY_FILE: privateJwk,
    TRUST_ANCHORS_FILE: trustAnchors,
    KAFKA_BROKERS: brokers,
  } = given;
  if (id === undefined) return undefined;
  if (privateJwk === undefined || trustAnchors === undefined || brokers === undefined)
    throw new ConfigurationError('the settings of the producer are not complete');
  return {
    producerId: id,
    privateJwk,
    trustAnchors,
    topicPrefix: given.TOPIC_PREFIX,
    kafka: kafkaConnection({ ...given, KAFKA_BROKERS: brokers }),
  };
}

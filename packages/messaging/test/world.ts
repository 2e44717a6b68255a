import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  messages,
  newId,
  newJti,
  type Permission,
  OUTCOMES,
  outcomesOf,
  type TopicName,
  type CertificateClaims,
} from '@tallystick/contracts';
import type { Pool } from '@tallystick/postgres';
import { fromEnvironment, openTestDatabase } from '@tallystick/postgres/testing';
import {
  certificateDigest,
  importSigningKey,
  seal,
  signCertificate,
  signSnapshot,
  type SigningKey,
} from '@tallystick/security';
import { createLogger, type Logger } from '@tallystick/telemetry';

import {
  connectMessaging,
  createKafka,
  deleteTopic,
  ensureOutcomeTopics,
  ensureTopics,
  messagingMigrations,
  Publisher,
  recordOf,
  type Kafka,
  type Messaging,
  type MessagingOptions,
  type OutgoingRecord,
} from '../src/index.ts';
import { ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import kafkajs, { type Admin } from 'kafkajs';

export { deliver, noteSent, received, type Delivered, type SentMessage } from './deliver.ts';
export { eventually } from './eventually.ts';
export { readTopic, type TopicReader } from './read-topic.ts';

const { ConfigResourceTypes } = kafkajs;
const dayS = 86_400;

export const commandTopic = 'payment.commands.v1' satisfies TopicName;
/** The topic of outcomes of the third party. */
export const eventTopic = outcomesOf('acme') as TopicName;
/** The options of a message to the third party. */
export const toAcme = { recipients: ['acme'] };
const orderPermissions: Permission[] = [{ topic: commandTopic, types: [messages.paymentCreate.type] }];

/** Claims of the certificates of the service that owns the payment topics. */
export const asPayment = {
  sub: 'payment',
  permissions: [{ topic: OUTCOMES, types: [messages.paymentAuthorized.type] }],
} satisfies Partial<CertificateClaims>;

/** The key that a certificate certifies. */
type PublicKey = Pick<SigningKey, 'kid' | 'publicJwk'>;
type JWK = SigningKey['publicJwk'];

/** Kafka and Postgres with a separate set of topics, database and registrar. */
export interface World {
  kafka: Kafka;
  brokers: string[];
  pool: Pool;
  postgresUrl: string;
  logger: Logger;
  topicPrefix: string;
  publisher: Publisher;
  /** The root's certificate of the registrar, as published on the key topic. */
  registrarCertificate: string;
  /** A third party that may order payments. */
  acme: SigningKey;
  /** The signing key of the service that owns the payment topics. */
  payment: TestKey;
  /** The root's public key, pinned by all verifiers. */
  trustAnchors: JWK[];
  /** Certifies a key, and publishes it with a new snapshot on the key topic. */
  certify(key: PublicKey, changes?: Partial<CertificateClaims>): Promise<void>;
  /** Connects the service that owns the payment topics. */
  connect(changes?: Partial<MessagingOptions>): Promise<Messaging>;
  /** Runs `work` with a client that is connected meanwhile. */
  withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T>;
  /** Changes a setting of a topic, as an operator can. */
  configureTopic(topic: string, name: string, value: string): Promise<void>;
  /** Deletes a topic with all its records, and creates it again. */
  loseTopic(name: TopicName): Promise<void>;
  /** An order for a payment, as a record to publish. */
  order(options?: {
    paymentId?: string;
    endToEndId?: string;
    key?: SigningKey;
    context?: Context;
  }): Promise<OutgoingRecord>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const database = await openTestDatabase(messagingMigrations);
  const { pool } = database;
  const topicPrefix = `${new URL(database.url).pathname.slice(1)}.`;
  const logger = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
  const brokers = fromEnvironment('TEST_KAFKA_BROKERS').split(',');
  const kafka = createKafka({ brokers, clientId: 'test', logger });
  await ensureTopics(kafka, { prefix: topicPrefix });
  await ensureOutcomeTopics(kafka, topicPrefix, ['acme']);
  const publisher = await Publisher.connect(kafka);

  const directory = await mkdtemp(join(tmpdir(), 'tallystick-messaging-'));
  const signingKeyFile = join(directory, 'signing-key.json');
  const [root, registrar, acme, payment] = await Promise.all([newKey(), newKey(), newKey(), newKey()]);
  await writeKey(signingKeyFile, payment);
  const current = new Map<string, string>();
  let version = 0;
  const putKeys = (records: Record<string, string>) =>
    publisher.publish(
      Object.entries(records).map(([key, value]) => ({
        id: newJti(),
        topic: `${topicPrefix}auth.keys.v1`,
        key: Buffer.from(key),
        value: Buffer.from(value),
        headers: {},
      })),
    );
  const certify: World['certify'] = async (key, changes) => {
    const certificate = await signCertificate(claimsOf(key, changes), registrar);
    current.set(key.kid, certificateDigest(certificate));
    version += 1;
    const nowS = Math.floor(Date.now() / 1000);
    const snapshot = { version, iat: nowS, exp: nowS + 3_600, certificates: Object.fromEntries(current) };
    await putKeys({ [key.kid]: certificate, snapshot: await signSnapshot(snapshot, registrar) });
  };
  const asRegistrar = {
    sub: 'auth',
    role: 'registrar',
    permissions: [],
  } satisfies Partial<CertificateClaims>;
  const registrarCertificate = await signCertificate(claimsOf(registrar, asRegistrar), root);
  await putKeys({ [registrar.kid]: registrarCertificate });
  await certify(acme);
  await certify(payment, asPayment);

  const withAdmin: World['withAdmin'] = async (work) => {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  };

  return {
    kafka,
    brokers,
    pool,
    postgresUrl: database.url,
    registrarCertificate,
    logger,
    topicPrefix,
    publisher,
    acme,
    payment,
    trustAnchors: [root.publicJwk],
    certify,
    connect: (changes = {}) =>
      connectMessaging({
        service: 'payment',
        kafka: { brokers },
        topicPrefix,
        trustAnchors: [root.publicJwk],
        signingKeyFile,
        pool,
        logger,
        ...changes,
      }),
    withAdmin,
    configureTopic: async (topic, name, value) => {
      const configEntries = [{ name, value }];
      const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configEntries };
      await withAdmin((admin) => admin.alterConfigs({ validateOnly: false, resources: [resource] }));
    },
    loseTopic: async (name) => {
      await deleteTopic(kafka, topicPrefix + name);
      await ensureTopics(kafka, { prefix: topicPrefix });
      await ensureOutcomeTopics(kafka, topicPrefix, ['acme']);
    },
    order: async ({
      paymentId = newId('pay'),
      endToEndId = 'INVOICE-1',
      key = acme,
      context = ROOT_CONTEXT,
    } = {}) =>
      recordOf(
        await seal(
          messages.paymentCreate,
          { ...orderOf(paymentId), endToEndId },
          {
            issuer: 'acme',
            signingKey: key,
            topic: topicPrefix + commandTopic,
            nowMs: Date.now(),
          },
        ),
        context,
      ),
    async stop() {
      await publisher.disconnect();
      await database.close();
      await rm(directory, { recursive: true });
    },
  };
}

function claimsOf(key: PublicKey, changes: Partial<CertificateClaims> = {}): CertificateClaims {
  const nowS = Math.floor(Date.now() / 1000);
  return {
    sub: 'acme',
    iat: nowS,
    nbf: nowS - dayS,
    exp: nowS + dayS,
    cnf: { jwk: key.publicJwk as CertificateClaims['cnf']['jwk'] },
    use: 'sig',
    role: 'producer',
    permissions: orderPermissions,
    status: 'active',
    ...changes,
  };
}

const orderOf = (paymentId: string) => ({
  paymentId,
  source: { kind: 'account' as const, accountId: newId('acc') },
  payee: { kind: 'account' as const, accountId: newId('acc') },
  amountMinor: 1_250n,
  currency: 'EUR' as const,
  capture: 'automatic' as const,
  capturedBy: 'initiator' as const,
  endToEndId: 'INVOICE-1',
});

/** Returns the event that a payment is authorized, as a handler sends it. */
export const authorizedOf = (paymentId: string) => ({
  paymentId,
  endToEndId: 'INVOICE-1',
  payeeAccountId: newId('acc'),
  amountMinor: 1_250n,
  currency: 'EUR' as const,
  capturedMinor: 0n,
  refundedMinor: 0n,
});

export async function newKey(): Promise<TestKey> {
  const privateJwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { ...(await importSigningKey(privateJwk as never)), privateJwk };
}

/** A test's key, whose private part is accessible. */
export interface TestKey extends SigningKey {
  privateJwk: JsonWebKey;
}

/** Writes a private key as a service reads it. */
export async function writeKey(file: string, { privateJwk }: TestKey): Promise<void> {
  await writeFile(file, JSON.stringify(privateJwk), { mode: 0o600 });
}

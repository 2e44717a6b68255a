import { confidentialFieldNames, type ServiceName } from '@tallystick/contracts';
import { Edge, edgeMigrations } from '@tallystick/http';
import { connectMessaging, messagingMigrations, type Messaging, type Send } from '@tallystick/messaging';
import { CLOCK_SKEW_MAX_MS, clockSkewMs, createPool, migrate, type Pool } from '@tallystick/postgres';
import {
  ConfigurationError,
  importDecryptionKey,
  importSigningKey,
  loadPrivateJwk,
  loadTrustAnchors,
  type SigningKey,
} from '@tallystick/security';
import { createLogger, type Logger } from '@tallystick/telemetry';
import type { ResourceServerSettings } from './settings.ts';

/** Database connections: requests wait for each other, and the consumer for none of them. */
const CONNECTIONS = { http: 8, messaging: 3 };

export interface ServiceParts {
  logger: Logger;
  pool: Pool;
  messaging: Messaging;
  edge: Edge<Send>;
  signingKey: SigningKey;
  /** Stops the parts in the order in which nothing is lost: door, consumer, outbox, database. */
  stop(): Promise<void>;
}

/**
 * Opens the parts that a resource server stands on: keys, database (brought forward), Kafka with the keyring filled,
 * and the HTTP edge, not yet listening.
 * @throws ConfigurationError where a key file is absent, open to others, or not what it should be
 */
export async function openService(
  service: ServiceName,
  settings: ResourceServerSettings,
  options: { migrations: URL; encryptionKeyFile?: string },
): Promise<ServiceParts> {
  const logger = createLogger({
    service,
    level: settings.LOG_LEVEL,
    confidentialFields: confidentialFieldNames(),
  });
  const [signingKey, trustAnchors, decryptionKeys] = await Promise.all([
    loadPrivateJwk(settings.SIGNING_KEY_FILE).then(importSigningKey),
    loadTrustAnchors(settings.TRUST_ANCHORS_FILE),
    options.encryptionKeyFile === undefined
      ? []
      : loadPrivateJwk(options.encryptionKeyFile).then(async (jwk) => [await importDecryptionKey(jwk)]),
  ]);
  const [pool, messagingPool] = [CONNECTIONS.http, CONNECTIONS.messaging].map((maxConnections) =>
    createPool({
      url: settings.POSTGRES_URL,
      applicationName: service,
      maxConnections,
      onIdleError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
    }),
  ) as [Pool, Pool];
  const skewMs = await clockSkewMs(pool);
  if (Math.abs(skewMs) > CLOCK_SKEW_MAX_MS) {
    throw new ConfigurationError(
      `the clock of this machine is ${Math.abs(skewMs)} ms ${skewMs > 0 ? 'ahead of' : 'behind'} the database's; set it right, or others refuse what this service signs`,
    );
  }
  await migrate(pool, messagingMigrations, edgeMigrations, { scope: service, directory: options.migrations });
  const messaging = await connectMessaging({
    service,
    brokers: settings.KAFKA_BROKERS,
    topicPrefix: settings.TOPIC_PREFIX,
    trustAnchors,
    signingKey,
    decryptionKeys,
    pool: messagingPool,
    outboxKeptS: settings.OUTBOX_KEPT_HOURS * 3_600,
    logger,
  });
  const edge = new Edge<Send>({
    service,
    publicUrl: settings.PUBLIC_URL,
    issuer: settings.ISSUER,
    keyring: messaging.keyring,
    pool,
    transact: (work) => messaging.outbox.transaction(work, { pool }),
    logger,
    requestsPerSecondMax: settings.REQUESTS_PER_SECOND_MAX,
  });
  return {
    logger,
    pool,
    messaging,
    edge,
    signingKey,
    async stop() {
      await edge.close();
      await messaging.stop();
      await Promise.all([pool.end(), messagingPool.end()]);
    },
  };
}

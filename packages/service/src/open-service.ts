import { confidentialFieldNames, serviceTopics, type ServiceName } from '@tallystick/contracts';
import { Edge, type EdgeOptions } from '@tallystick/http';
import {
  connectMessaging,
  kafkaConnection,
  type Messaging,
  type Replay,
  type Send,
} from '@tallystick/messaging';
import {
  CLOCK_SKEW_MAX_MS,
  clockSkewMs,
  createPool,
  type MigrationSource,
  type Pool,
  type PoolOptions,
  type Repeated,
} from '@tallystick/postgres';
import { ConfigurationError } from '@tallystick/config';
import { contractsOf, encodeContracts } from '@tallystick/interfaces';
import { createLogger, type Logger } from '@tallystick/telemetry';
import { replayAndTell, serveAudit } from './audit.ts';
import { databaseUrl } from './database-url.ts';
import { migrationsNeed, prepareDatabase } from './database.ts';
import { declareContracts } from './registry/declare-contracts.ts';
import { UndeclaredMessages } from './registry/undeclared-messages.ts';
import { serveSettings } from './settings-in-force.ts';
import type { ResourceServerSettings } from './settings.ts';

/**
 * Database connections. Lists and single reads over HTTP have Postgres's own plans; what the edge writes and looks up in
 * batches has those of the message loop. The consumer never waits for a request.
 */
const CONNECTIONS = { reads: 4, edge: 4, messaging: 3 };

export interface ServiceParts {
  logger: Logger;
  /** For lists and single reads, each planned by Postgres. */
  pool: Pool;
  /** For batches over HTTP that look rows up by key: planned once, as nested loops over indexes. */
  edgePool: Pool;
  messaging: Messaging;
  edge: Edge<Send>;
  /** Replays this service's own messages, its audit too, and declares its contracts. Call it before `messaging.consume`. */
  replay(own: Replay): Promise<void>;
  /** Stops the parts in the order that loses nothing: HTTP, consumer, outbox, database. */
  stop(): Promise<void>;
}

/**
 * Opens the parts of a resource server: keys, a migrated database, Kafka with a filled keyring, and the HTTP edge. The
 * edge does not listen yet.
 * @throws ConfigurationError if the clock of this machine is wrong
 */
export async function openService(
  service: ServiceName,
  settings: ResourceServerSettings,
  options: {
    schema: MigrationSource;
    decryptionKeyFile?: string;
    replyKeys?: EdgeOptions<Send>['replyKeys'];
  },
): Promise<ServiceParts> {
  const logger = createLogger({
    service,
    level: settings.LOG_LEVEL,
    format: settings.LOG_FORMAT,
    confidentialFields: confidentialFieldNames(),
  });
  const url = await databaseUrl(settings, logger);
  const connection: PoolOptions = {
    url,
    applicationName: service,
    onIdleError: (error) => logger.warn({ err: error }, 'database.idle_connection_failed'),
  };
  const pool = createPool({ ...connection, maxConnections: CONNECTIONS.reads });
  const byKey: PoolOptions = { ...connection, planner: 'nested-loops' };
  const edgePool = createPool({ ...byKey, maxConnections: CONNECTIONS.edge });
  const messagingPool = createPool({ ...byKey, maxConnections: CONNECTIONS.messaging });
  await prepareDatabase(pool, { schema: options.schema, migrations: settings.MIGRATIONS, logger });
  const skewMs = await clockSkewMs(pool);
  if (Math.abs(skewMs) > CLOCK_SKEW_MAX_MS) {
    throw new ConfigurationError(
      `the clock of this machine is ${Math.abs(skewMs)} ms ${skewMs > 0 ? 'ahead of' : 'behind'} the database's; set it right, or others refuse what this service signs`,
    );
  }
  const declaration = encodeContracts(contractsOf(service));
  const undeclared = new UndeclaredMessages({ read: () => messaging.declarations(), logger });
  const messaging = await connectMessaging({
    service,
    releaseId: declaration.releaseId,
    onAccepted: (claims) => undeclared.note(claims),
    kafka: kafkaConnection(settings),
    topicPrefix: settings.TOPIC_PREFIX,
    topics: serviceTopics(service),
    trustAnchors: settings.TRUST_ANCHORS_FILE,
    signingKeyFile: settings.SIGNING_KEY_FILE,
    ...(options.decryptionKeyFile === undefined ? {} : { decryptionKeyFile: options.decryptionKeyFile }),
    pool: messagingPool,
    outboxKeptS: settings.OUTBOX_KEPT_HOURS * 3_600,
    logger,
  });
  const edge = new Edge<Send>({
    service,
    publicUrl: settings.PUBLIC_URL,
    operatorUrl: settings.OPERATOR_URL,
    issuer: settings.ISSUER,
    docsClientId: settings.DOCS_CLIENT_ID,
    keyring: messaging.keyring,
    pool: edgePool,
    readPool: pool,
    transact: (work) => messaging.outbox.transaction(work, { pool: edgePool }),
    logger,
    replyKeys: options.replyKeys,
    requestsPerSecondMax: settings.REQUESTS_PER_SECOND_MAX,
    trustedProxies: settings.TRUSTED_PROXIES,
    needs: [await migrationsNeed(options.schema), ...messaging.readinessChecks],
  });
  serveAudit(service, edge, pool);
  serveSettings(service, edge, {
    settings,
    releaseId: declaration.releaseId,
    startedAt: new Date(),
  });
  let telling: Repeated | undefined;
  return {
    logger,
    pool,
    edgePool,
    messaging,
    edge,
    async replay(own) {
      telling = await replayAndTell({ service, messaging, pool: messagingPool, logger, own });
      await declareContracts(service, messaging, Date.now(), declaration);
    },
    async stop() {
      await edge.close();
      await telling?.stop();
      await undeclared.stop();
      await messaging.stop();
      await Promise.all([pool, edgePool, messagingPool].map((one) => one.end()));
    },
  };
}

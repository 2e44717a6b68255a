import { confidentialFieldNames, serviceTopics } from '@tallystick/contracts';
import { Edge } from '@tallystick/http';
import { contractsOf, encodeContracts } from '@tallystick/interfaces';
import { connectMessaging, kafkaConnection, type Messaging } from '@tallystick/messaging';
import { createPool, type Pool } from '@tallystick/postgres';
import { KnownDevices } from '@tallystick/security';
import {
  databaseUrl,
  declareContracts,
  migrationsNeed,
  prepareDatabase,
  serverCertificate,
  replayAndTell,
  serveAudit,
  serveSettings,
} from '@tallystick/service';
import { createLogger, type Logger } from '@tallystick/telemetry';
import type { Router } from 'express';
import type { Provider } from 'oidc-provider';
import type { AuthConfig } from './config.ts';
import { loginRoutes } from './http/login.ts';
import { pageRoutes } from './http/page-routes.ts';
import { serveAccess } from './http/access.ts';
import { serveProducers } from './http/producers.ts';
import { isOutside } from './domain/producer-key.ts';
import { followKeys } from './keys/follow-keys.ts';
import { loadKeys, signingKeyRegistration, tokenKeyRegistration, type Keys } from './keys/keys.ts';
import { adapterFactory } from './oidc/adapter.ts';
import { providerPages } from './oidc/pages.ts';
import { createProvider } from './oidc/provider.ts';
import { auditToken } from './app/audit-token.ts';
import { publishRevocations } from './app/publish-revocations.ts';
import { Registrar } from './app/registrar.ts';
import { transactBy, type PublishRecords } from './app/transact.ts';
import { emptySeed, seedClients, seedCustomers, seedKeys, seedOperators, type Seed } from './app/seed.ts';
import { SignIn } from './app/sign-in.ts';
import { findCustomer } from './store/customers.ts';
import { findPerson } from './store/people.ts';
import { auditedRecords } from './store/audited-records.ts';
import type { OidcRecords } from './store/oidc-records.ts';
import { authSchema } from './store/schema.ts';
import { createSignInAttempts } from './store/sign-in-attempts.ts';
import { startSweeper } from './store/sweep.ts';

export interface AuthService {
  /** The address of this instance. */
  url: string;
  stop(): Promise<void>;
}

/** The started parts, which are stopped in reverse order, even if a later step fails. */
type Stops = (() => Promise<unknown>)[];

/**
 * Starts the auth service: migrates the database, applies the seed, certifies and publishes keys, serves pages and
 * endpoints.
 * @throws ConfigurationError if a setting or a file that it names is invalid
 */
export async function startAuth(config: AuthConfig): Promise<AuthService> {
  const stops: Stops = [];
  const stop = async (): Promise<void> => {
    for (let last = stops.pop(); last !== undefined; last = stops.pop()) await last();
  };
  try {
    return { url: await start(config, stops), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(config: AuthConfig, stops: Stops): Promise<string> {
  const logger = createLogger({
    service: 'auth',
    level: config.LOG_LEVEL,
    format: config.LOG_FORMAT,
    confidentialFields: confidentialFieldNames(),
  });
  const keys = await loadKeys(config);
  const seed = config.SEED_FILE ?? emptySeed;

  const pool = createPool({
    url: await databaseUrl(config, logger),
    applicationName: 'auth',
    onIdleError: (error) => logger.warn({ err: error }, 'database.idle_connection_failed'),
  });
  stops.push(() => pool.end());
  await prepareDatabase(pool, { schema: authSchema, migrations: config.MIGRATIONS, logger });

  const records = auditedRecords(pool, Date.now);
  const oidcOf = ({ cookies }: Keys, tokens: readonly Keys['token'][]): Provider =>
    createOidc({
      config,
      tokens,
      cookies,
      pool,
      records,
      logger,
      allowsOrigin: (origin) => messaging.keyring.allowsOrigin(origin),
    });
  const provider = oidcOf(keys, [keys.token]);
  await seedCustomers(pool, seed.customers);
  await seedOperators(pool, seed.operators);
  const clients = adapterFactory(records)('Client');
  await seedClients(provider, seed.clients, (id, metadata) => clients.upsert(id, { ...metadata }));

  const { registrar, messaging } = await startRegistrar({ config, keys, seed, pool, logger }, stops);

  await messaging.createOutcomeTopics(
    (await registrar.list()).filter(isOutside).map(({ producerId }) => producerId),
  );
  const telling = await replayAndTell({ service: 'auth', messaging, pool, logger });
  stops.push(() => telling.stop());
  const declaration = encodeContracts(contractsOf('auth'));
  await declareContracts('auth', messaging, Date.now(), declaration);

  const revocations = publishRevocations({
    pool,
    transact: transactBy(messaging.outbox),
    key: () => registrar.key,
    topicPrefix: config.TOPIC_PREFIX,
    nowMs: Date.now,
    onFailure: (error) => logger.warn({ err: error }, 'auth.revocations_not_published'),
  });
  stops.push(() => revocations.stop());

  const sweeper = startSweeper(pool, (error) => logger.warn({ err: error }, 'auth.sweep_failed'));
  stops.push(() => sweeper.stop());

  const edge = new Edge<PublishRecords>({
    service: 'auth',
    publicUrl: config.PUBLIC_URL,
    operatorUrl: config.OPERATOR_URL,
    issuer: config.PUBLIC_URL,
    docsClientId: config.DOCS_CLIENT_ID,
    keyring: messaging.keyring,
    pool,
    transact: transactBy(messaging.outbox),
    logger,
    requestsPerSecondMax: config.REQUESTS_PER_SECOND_MAX,
    trustedProxies: config.TRUSTED_PROXIES,
    needs: [await migrationsNeed(authSchema), ...messaging.readinessChecks],
  });
  serveProducers(edge, registrar, messaging, pool);
  serveAccess(edge, pool, registrar);
  serveAudit('auth', edge, pool);
  serveSettings('auth', edge, { settings: config, releaseId: declaration.releaseId, startedAt: new Date() });
  let { cookies } = keys;
  const devices = new KnownDevices(() => cookies);
  const signIn = await SignIn.create({
    db: pool,
    attempts: createSignInAttempts(pool),
    devices,
    nowMs: Date.now,
  });
  const pagesOf = (oidc: Provider): Router =>
    pageRoutes({
      publicUrl: config.PUBLIC_URL,
      provider: oidc,
      login: loginRoutes({ provider: oidc, signIn, customer: (id) => findCustomer(pool, id) }),
      limitAddress: edge.limitAddress,
      onFault: (error) => logger.error({ err: error }, 'auth.page_failed'),
    });
  let pages = pagesOf(provider);
  edge.app.use((request, response, next) => pages(request, response, next));
  stops.push(
    followKeysInUse(config, { keys, registrar, logger }, (used, tokens) => {
      ({ cookies } = used);
      pages = pagesOf(oidcOf(used, tokens));
    }),
  );
  const port = await edge.listen(config.PORT, config.LISTEN_HOST, serverCertificate(config));
  stops.push(() => edge.close());
  logger.info({ port, issuer: config.PUBLIC_URL }, 'service.ready');
  return `http://127.0.0.1:${port}`;
}

function createOidc(parts: {
  config: AuthConfig;
  /** The first signs; the others are still published to verify their signatures. */
  tokens: readonly Keys['token'][];
  cookies: readonly string[];
  pool: Pool;
  records: OidcRecords;
  logger: Logger;
  allowsOrigin: (origin: string) => boolean;
}): Provider {
  const provider = createProvider({
    issuer: parts.config.PUBLIC_URL,
    records: parts.records,
    tokenKeys: parts.tokens,
    cookieKeys: parts.cookies,
    allowsOrigin: parts.allowsOrigin,
    issuing: (token) => auditToken(parts.pool, token, Date.now()),
    findEnabledPerson: async (id) => {
      const person = await findPerson(parts.pool, id);
      return person?.disabledAt === undefined ? person : undefined;
    },
    pages: providerPages,
  });
  provider.on('server_error', (_ctx, error) => {
    parts.logger.error({ err: error }, 'auth.authorization_server_failed');
  });
  return provider;
}

/**
 * Puts replaced keys into use. A new registrar key re-signs the certificates of the previous one, and a token key is
 * certified before it signs.
 * @param renew creates pages with the new keys; the first token key signs
 * @returns a function that stops following
 */
function followKeysInUse(
  config: AuthConfig,
  parts: { keys: Keys; registrar: Registrar; logger: Logger },
  renew: (keys: Keys, tokens: readonly Keys['token'][]) => void,
): () => Promise<void> {
  const { registrar, logger } = parts;
  let used = parts.keys;
  let tokens = [used.token];
  const take = async (keys: Keys): Promise<void> => {
    const { registrarCertificate: certificate, token, signing } = keys;
    if (keys.registrar.kid !== used.registrar.kid || certificate !== used.registrarCertificate) {
      await registrar.signBy(keys.registrar, certificate);
      logger.info({ kid: keys.registrar.kid }, 'registrar.key_replaced');
    }
    if (signing.kid !== used.signing.kid) await registrar.seed([signingKeyRegistration(signing)]);
    const isOtherToken = token.kid !== used.token.kid;
    if (isOtherToken) {
      await registrar.useTokenKey(tokenKeyRegistration(token));
      tokens = [token, ...tokens.filter(({ kid }) => kid !== token.kid)];
      logger.info({ kid: token.kid }, 'auth.token_key_replaced');
    }
    if (isOtherToken || keys.cookies.join() !== used.cookies.join()) renew(keys, tokens);
    used = keys;
  };
  const stop = followKeys(config, {
    take,
    onFailure: (error) => logger.warn({ err: error }, 'auth.key_reload_failed'),
  });
  return async () => stop();
}

/** Connects to Kafka; the registrar publishes its certificates before the service waits for the key topic. */
async function startRegistrar(
  parts: { config: AuthConfig; keys: Keys; seed: Seed; pool: Pool; logger: Logger },
  stops: Stops,
): Promise<{ registrar: Registrar; messaging: Messaging }> {
  const { config, keys, seed, pool, logger } = parts;
  let registrar: Registrar | undefined;
  const messaging = await connectMessaging({
    service: 'auth',
    kafka: kafkaConnection(config),
    topicPrefix: config.TOPIC_PREFIX,
    topics: serviceTopics('auth'),
    trustAnchors: keys.trustAnchors,
    signingKeyFile: config.SIGNING_KEY_FILE,
    pool,
    outboxKeptS: config.OUTBOX_KEPT_HOURS * 3_600,
    logger,
    prepare: async (outbox, keyRecords, keyring) => {
      registrar = new Registrar({
        pool,
        transact: transactBy(outbox),
        key: keys.registrar,
        certificate: keys.registrarCertificate,
        topicPrefix: config.TOPIC_PREFIX,
        nowMs: Date.now,
        certifyByTwo: config.CERTIFY_BY_TWO_OPERATORS,
        onFailure: (error) => logger.warn({ err: error }, 'registrar.snapshot_failed'),
        publishedVersion: () => (keyring.freshness === 'fresh' ? keyring.version : 0),
      });
      const replayed = await registrar.replay(keyRecords, keys.trustAnchors);
      if (replayed > 0) logger.warn({ keys: replayed }, 'replay.started');
      await registrar.useTokenKey(tokenKeyRegistration(keys.token));
      const revoked = await registrar.seed([
        signingKeyRegistration(keys.signing),
        ...(await seedKeys(seed.producers)),
      ]);
      if (revoked.length > 0) logger.warn({ kids: revoked }, 'registrar.seed_key_revoked');
    },
  });
  stops.push(() => messaging.stop());
  if (registrar === undefined) throw new Error('messaging did not prepare the registrar');
  const started = registrar;
  started.start();
  stops.push(() => started.stop());
  return { registrar: started, messaging };
}

import { OAuthClient } from '@tallystick/client';
import { followFile } from '@tallystick/config';
import { repeat, sweep } from '@tallystick/postgres';
import { loadKeyEncryptionKeys } from '@tallystick/security';
import { openService, serverCertificate } from '@tallystick/service';
import { DeclaredReleases } from './app/declared-releases.ts';
import { Sessions } from './app/sessions.ts';
import type { ConsoleConfig } from './config.ts';
import { openFigures } from './figures/open-figures.ts';
import { consoleRoutes } from './http/console-routes.ts';
import { consolePages } from './http/pages.ts';
import { CALLBACK_PATH } from './http/sign-in-routes.ts';
import { startMessageIndex } from './message-index/message-index.ts';
import type { ConsoleParts } from './parts.ts';
import { runJobs } from './quarantine/run-jobs.ts';
import { connectingFetch, trustServices } from './services.ts';
import { consoleSchema } from './store/schema.ts';
import { ENDED_SESSIONS, ENDED_SIGN_INS } from './store/sessions.ts';

const SWEEP_INTERVAL_MS = 60_000;

/** Starts the console: pages for operators, who sign in at auth and act in the services under their own names. */
export async function startConsole(config: ConsoleConfig): Promise<{ port: number; stop(): Promise<void> }> {
  const nowMs = Date.now;
  trustServices(config);
  let keys = await loadKeyEncryptionKeys(config.KEY_ENCRYPTION_KEYS_FILE);
  const service = await openService('console', config, { schema: consoleSchema });
  const { edge, logger, messaging, pool } = service;
  await service.replay({ topics: [], apply: async () => {} });

  const connect = connectingFetch(config);
  const { TOPIC_PREFIX: topicPrefix, PROMETHEUS_URL: prometheusUrl, METRICS_URLS: metricsUrls } = config;
  const figures = await openFigures({ prometheusUrl, metricsUrls, logger });
  const index = await startMessageIndex({
    messaging,
    pool,
    topicPrefix,
    logger,
    issuer: config.ISSUER,
    publicUrls: {
      card: config.CARD_PUBLIC_URL ?? config.CARD_OPERATOR_URL,
      payment: config.PAYMENT_PUBLIC_URL ?? config.PAYMENT_OPERATOR_URL,
    },
    keptDays: config.INDEX_KEPT_DAYS,
  });
  const jobs = runJobs({ pool, messaging, topicPrefix, logger });
  const releases = new DeclaredReleases(messaging, logger);
  releases.start();
  const parts: ConsoleParts = {
    config,
    pool,
    messaging,
    logger,
    nowMs,
    figures: figures.source,
    index,
    releases,
    fetch: connect,
  };
  const sessions = new Sessions({
    pool,
    keyring: messaging.keyring,
    issuer: config.ISSUER,
    clientId: config.CLIENT_ID,
    oauth: once(() =>
      OAuthClient.discover({
        issuer: config.ISSUER,
        clientId: config.CLIENT_ID,
        privateJwk: config.CLIENT_KEY_FILE,
        fetch: connect,
      }),
    ),
    redirectUri: config.PUBLIC_URL + CALLBACK_PATH,
    keys: () => keys,
    nowMs,
  });
  edge.app.use(
    consoleRoutes({ parts, sessions, pages: consolePages(parts), limitAddress: edge.limitAddress }),
  );
  const stopFollowing = followFile(config.KEY_ENCRYPTION_KEYS_FILE, loadKeyEncryptionKeys, {
    take: (replaced) => (keys = replaced),
    onUnusable: (error) => logger.warn({ err: error }, 'console.key_encryption_keys_reload_failed'),
  });
  const sweeping = repeat(
    SWEEP_INTERVAL_MS,
    async (signal) => {
      for (const ended of [ENDED_SESSIONS, ENDED_SIGN_INS]) await sweep(pool, ended, signal);
    },
    (fault) => logger.warn({ err: fault }, 'console.sweep_failed'),
  );
  const port = await edge.listen(config.PORT, config.LISTEN_HOST, serverCertificate(config));
  logger.info({ port }, 'service.ready');
  return {
    port,
    async stop() {
      stopFollowing();
      await Promise.all([sweeping.stop(), jobs.stop(), releases.stop(), index.stop(), figures.stop()]);
      await service.stop();
    },
  };
}

/** Remembers the first success of a step; a failed one is tried again. */
function once<T>(step: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= step().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

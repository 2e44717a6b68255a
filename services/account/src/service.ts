import { currencies, newId, type Currency } from '@tallystick/contracts';
import { subscriptions, type Outbox } from '@tallystick/messaging';
import { repeat, type Pool, type Transaction } from '@tallystick/postgres';
import { verifiedOrCode } from '@tallystick/security';
import { openService, serverCertificate } from '@tallystick/service';
import { timedEvidence } from '@tallystick/telemetry';
import { expireHolds, type HoldExpiry } from './app/expire-holds.ts';
import { watchBooks } from './app/watch-books.ts';
import type { LedgerStore } from './app/stores.ts';
import type { AccountConfig } from './config.ts';
import { accountRoutes } from './http/account-routes.ts';
import { ledgerRoutes } from './http/ledger-routes.ts';
import { proposalRoutes } from './http/proposal-routes.ts';
import { mandateRoutes } from './http/mandate-routes.ts';
import { accountCommands } from './messages/account-commands.ts';
import { replay } from './messages/replay.ts';
import { ensureExternalAccounts, findExpiredHolds, imbalances } from './store/accounts.ts';
import { ledgerStore } from './store/ledger-store.ts';
import { mandateStore } from './store/mandates.ts';
import { accountSchema } from './store/schema.ts';

const EXPIRY_INTERVAL_MS = 1_000;
const WATCH_INTERVAL_MS = 60_000;

/** Starts the account service: the ledger, its commands on Kafka and its HTTP interface. */
export async function startAccount(config: AccountConfig): Promise<{ port: number; stop(): Promise<void> }> {
  const nowMs = Date.now;
  const {
    edge,
    logger,
    messaging,
    pool,
    replay: replayOwn,
    stop,
  } = await openService('account', config, {
    schema: accountSchema,
  });
  await ensureExternalAccounts(
    pool,
    (Object.keys(currencies) as Currency[]).map((currency) => ({
      accountId: newId('acc'),
      ownerId: config.EXTERNAL_ACCOUNT_OWNER,
      currency,
    })),
    new Date(nowMs()),
  );

  await replayOwn(replay(nowMs, logger));

  const ledgerStoreOf = (tx: Transaction): LedgerStore =>
    ledgerStore(tx, { fundByTwo: config.FUND_BY_TWO_OPERATORS });
  accountRoutes(edge, pool, { ledgerStoreOf, nowMs });
  proposalRoutes(edge, { ledgerStoreOf, nowMs });
  mandateRoutes(edge, pool, nowMs);
  ledgerRoutes(edge, pool);
  const accepted = {
    keyring: messaging.keyring,
    topicPrefix: config.TOPIC_PREFIX,
    issuer: config.ISSUER,
    publicUrls: { payment: config.PAYMENT_PUBLIC_URL, card: config.CARD_PUBLIC_URL },
  };
  await messaging.consume(
    subscriptions('account', {
      'account.commands.v1': accountCommands({
        ledgerStoreOf,
        mandateStoreOf: mandateStore,
        verify: (evidence) => timedEvidence(verifiedOrCode(evidence, { ...accepted, nowMs: nowMs() })),
        nowMs,
      }),
    }),
  );
  const expiry = holdExpiry(pool, messaging.outbox);
  const repeated = [
    repeat(
      EXPIRY_INTERVAL_MS,
      () => expireHolds(expiry, nowMs()),
      (fault) => logger.warn({ err: fault }, 'ledger.hold_expiry_failed'),
    ),
    repeat(
      WATCH_INTERVAL_MS,
      () => watchBooks(() => imbalances(pool), logger, nowMs()),
      (fault) => logger.warn({ err: fault }, 'ledger.books_check_failed'),
    ),
  ];
  const port = await edge.listen(config.PORT, config.LISTEN_HOST, serverCertificate(config));
  logger.info({ port }, 'service.ready');
  return {
    port,
    async stop() {
      await Promise.all(repeated.map((one) => one.stop()));
      await stop();
    },
  };
}

function holdExpiry(pool: Pool, outbox: Outbox): HoldExpiry {
  return {
    findExpired: (nowMs, limit) => findExpiredHolds(pool, new Date(nowMs), limit),
    transact: (work) => outbox.transaction((tx, send) => work(ledgerStore(tx), send)),
  };
}

import { currencies, newId, type Currency } from '@tallystick/contracts';
import { openService, serverCertificate } from '@tallystick/service';
import type { AccountConfig } from './config.ts';
import { startHoldExpiry } from './expire-holds.ts';
import { accountRoutes } from './http/account-routes.ts';
import { mandateRoutes } from './http/mandate-routes.ts';
import { accountCommands } from './messages/account-commands.ts';
import { recollection } from './messages/recollection.ts';
import { ensureOutsideWorld } from './store/accounts.ts';
import { accountSchema } from './store/schema.ts';
import { watchBooks } from './watch-books.ts';

/** Starts the account service: the ledger, its commands on Kafka and its HTTP interface. */
export async function startAccount(config: AccountConfig): Promise<{ port: number; stop(): Promise<void> }> {
  const nowMs = Date.now;
  const { edge, logger, messaging, pool, stop } = await openService('account', config, {
    schema: accountSchema,
  });
  await ensureOutsideWorld(
    pool,
    (Object.keys(currencies) as Currency[]).map((currency) => ({
      accountId: newId('acc'),
      ownerId: config.OUTSIDE_WORLD_OWNER,
      currency,
    })),
    new Date(nowMs()),
  );

  await messaging.recall(recollection(nowMs, logger));

  accountRoutes(edge, pool, nowMs);
  mandateRoutes(edge, pool, nowMs);
  await messaging.consume({
    'account.commands.v1': accountCommands(
      {
        keyring: messaging.keyring,
        topicPrefix: config.TOPIC_PREFIX,
        issuer: config.ISSUER,
        publicUrls: { payment: config.PAYMENT_PUBLIC_URL, card: config.CARD_PUBLIC_URL },
      },
      nowMs,
    ),
  });
  const repeated = [startHoldExpiry(pool, messaging.outbox, logger, nowMs), watchBooks(pool, logger, nowMs)];
  const port = await edge.listen(config.PORT, config.LISTEN_HOST, serverCertificate(config));
  logger.info({ port }, 'account is ready');
  return {
    port,
    async stop() {
      await Promise.all(repeated.map((one) => one.stop()));
      await stop();
    },
  };
}

import { loadFieldKeys } from '@tallystick/security';
import { openService } from '@tallystick/service';
import type { CardConfig } from './config.ts';
import { cardRoutes } from './http/card-routes.ts';
import { accountEvents } from './messages/account-events.ts';
import { cardCommands } from './messages/card-commands.ts';
import { recollection } from './messages/recollection.ts';

/** Starts the card service: the vault, the rules, and the decisions that the ledger checks. */
export async function startCard(config: CardConfig): Promise<{ port: number; stop(): Promise<void> }> {
  const nowMs = Date.now;
  const fieldKeys = await loadFieldKeys(config.FIELD_KEYS_FILE);
  const { edge, logger, messaging, pool, signingKey, stop } = await openService('card', config, {
    migrations: new URL('../src/store/migrations/', import.meta.url),
    encryptionKeyFile: config.ENCRYPTION_KEY_FILE,
  });

  const { keyring } = messaging;
  const { TOPIC_PREFIX: topicPrefix } = config;
  await messaging.recall(recollection({ keyring, topicPrefix }));

  cardRoutes(edge, pool, { fieldKeys, issuerNumber: config.ISSUER_NUMBER, nowMs });
  await messaging.consume({
    'card.commands.v1': cardCommands({
      evidence: {
        keyring,
        topicPrefix,
        issuer: config.ISSUER,
        publicUrls: { payment: config.PAYMENT_PUBLIC_URL },
      },
      signingKey,
      fieldKeys,
      nowMs,
    }),
    'account.events.v1': accountEvents,
  });
  const port = await edge.listen(config.PORT);
  logger.info({ port }, 'card is ready');
  return { port, stop };
}

import { messages } from '@tallystick/contracts';
import { subscriptions } from '@tallystick/messaging';
import { followFile } from '@tallystick/config';
import { loadKeyEncryptionKeys, seal, verifiedOrCode, type SigningKey } from '@tallystick/security';
import { openService, serverCertificate } from '@tallystick/service';
import { timedEvidence } from '@tallystick/telemetry';
import type { AuthorizeContext } from './app/authorize.ts';
import type { CardConfig } from './config.ts';
import { StoredFieldKeys } from './field-keys.ts';
import { cardRoutes } from './http/card-routes.ts';
import { accountEvents } from './messages/account-events.ts';
import { cardCommands } from './messages/card-commands.ts';
import { replay } from './messages/replay.ts';
import { cardStore } from './store/card-store.ts';
import { cardSchema } from './store/schema.ts';

/** Starts the card service: card numbers, card rules, and the signed decisions that the ledger verifies. */
export async function startCard(config: CardConfig): Promise<{ port: number; stop(): Promise<void> }> {
  const nowMs = Date.now;
  const { KEY_ENCRYPTION_KEYS_FILE: wrappersFile, ENCRYPTION_KEY_FILE: decryptionKeyFile } = config;
  let keyEncryptionKeys = await loadKeyEncryptionKeys(wrappersFile);
  const {
    edge,
    logger,
    messaging,
    pool,
    replay: replayOwn,
    stop,
  } = await openService('card', config, {
    schema: cardSchema,
    decryptionKeyFile,
    replyKeys: async (tx) => (await fieldKeys.read(tx)).encryption,
  });
  const fieldKeys = new StoredFieldKeys({
    pool,
    keyEncryptionKeys: () => keyEncryptionKeys,
    lifeMs: config.FIELD_KEY_LIFE_DAYS * 86_400_000,
    nowMs,
    logger,
  });
  await fieldKeys.prepare(config.FIELD_KEYS_FILE);

  const { keyring, signingKey } = messaging;
  const { TOPIC_PREFIX: topicPrefix } = config;
  await replayOwn(replay({ keyring, topicPrefix }));

  const accepted = {
    keyring,
    topicPrefix,
    issuer: config.ISSUER,
    publicUrls: { payment: config.PAYMENT_PUBLIC_URL },
  };
  cardRoutes(edge, pool, {
    fieldKeys: (tx) => fieldKeys.read(tx),
    issuerNumber: config.ISSUER_NUMBER,
    nowMs,
  });
  await messaging.consume(
    subscriptions('card', {
      'card.commands.v1': cardCommands({
        storeOf: cardStore,
        verify: (evidence) => timedEvidence(verifiedOrCode(evidence, { ...accepted, nowMs: nowMs() })),
        signDecision: decisionSigner(signingKey, topicPrefix, nowMs),
        fieldKeys: (tx) => fieldKeys.read(tx),
        nowMs,
      }),
      'account.events.v1': accountEvents(cardStore),
    }),
  );
  const stopFollowing = followFile(wrappersFile, loadKeyEncryptionKeys, {
    take: (keys) => (keyEncryptionKeys = keys),
    onUnusable: (error) => logger.warn({ err: error }, 'card.key_encryption_keys_reload_failed'),
  });
  const keeping = fieldKeys.start();
  const port = await edge.listen(config.PORT, config.LISTEN_HOST, serverCertificate(config));
  logger.info({ port }, 'service.ready');
  return {
    port,
    async stop() {
      stopFollowing();
      await keeping.stop();
      await stop();
    },
  };
}

function decisionSigner(
  signingKey: () => SigningKey,
  topicPrefix: string,
  nowMs: () => number,
): AuthorizeContext['signDecision'] {
  return async (decision, { txn, cause }) => {
    const { value } = await seal(messages.cardDecision, decision, {
      issuer: 'card',
      signingKey: signingKey(),
      topic: topicPrefix + messages.cardDecision.topic,
      nowMs: nowMs(),
      txn,
      cause,
    });
    return value;
  };
}

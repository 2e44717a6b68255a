import type { TopicName } from '@tallystick/contracts';
import type { MigrationSource, Pool } from '@tallystick/postgres';
import { Keyring, type DecryptionKey, type EnvelopePolicy, type SigningKey } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';

import { BatchConsumer, type BatchConsumerOptions, type Subscription } from './consumer.ts';
import { createKafka } from './kafka.ts';
import { KeyFollower } from './key-follower.ts';
import { Outbox } from './outbox.ts';
import { Publisher } from './publisher.ts';
import { recallOwn, type Recollection } from './recall.ts';

/** The tables of the inbox, the outbox and the positions, in the service's own database. */
export const messagingMigrations: MigrationSource = {
  scope: 'messaging',
  directory: new URL('../src/migrations/', import.meta.url),
};

const OUTBOX_KEPT_S = 86_400;

type TrustAnchors = Parameters<typeof Keyring.create>[0]['trustAnchors'];

export interface MessagingOptions {
  /** This service's id: `iss` of what it sends. */
  service: string;
  brokers: readonly string[];
  topicPrefix: string;
  trustAnchors: TrustAnchors;
  signingKey: SigningKey;
  decryptionKeys?: readonly DecryptionKey[];
  policy?: EnvelopePolicy;
  pool: Pool;
  /** How long rows of the outbox stay once the brokers have their records. */
  outboxKeptS?: number;
  logger: Logger;
  nowMs?: () => number;
  /** As of {@link BatchConsumerOptions}. */
  onSetBack?: BatchConsumerOptions['onSetBack'];
}

/** Everything that a service needs to hear and to speak on Kafka. */
export interface Messaging {
  keyring: Keyring;
  outbox: Outbox;
  /**
   * Takes over what this service published and its database knows nothing of, as after a restore. Before it consumes.
   * @returns how many messages that were
   */
  recall(recollection: Recollection): Promise<number>;
  /** Begins to consume. Each topic's messages go to its subscription. */
  consume(subscriptions: Partial<Record<TopicName, Subscription>>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Connects a service to Kafka: reads the key topic to its end, so that the first message meets a full keyring,
 * and starts the outbox.
 * @param options.prepare runs before the first snapshot is awaited, with the records of the key topic: the registrar
 *   publishes its certificates there
 */
export async function connectMessaging(
  options: MessagingOptions & {
    prepare?: (outbox: Outbox, keyRecords: readonly string[]) => Promise<void>;
  },
): Promise<Messaging> {
  const { service, topicPrefix, pool, logger, signingKey } = options;
  const nowMs = options.nowMs ?? Date.now;
  const kafka = createKafka({ brokers: options.brokers, clientId: service, logger });
  const keyring = await Keyring.create({
    trustAnchors: options.trustAnchors,
    now: nowMs,
    onAlarm: (alarm) => logger.error({ alarm }, 'the key topic holds something that is not trusted'),
  });
  const follower = new KeyFollower({ kafka, keyring, service, topicPrefix, logger });
  const publisher = await Publisher.connect(kafka);
  const outbox = new Outbox({
    pool,
    publisher,
    issuer: service,
    signingKey,
    keyring,
    topicPrefix,
    logger,
    keptS: options.outboxKeptS ?? OUTBOX_KEPT_S,
    nowMs,
  });
  outbox.start();
  const keyRecords = await follower.readToEnd();
  await options.prepare?.(outbox, keyRecords);
  await follower.awaitSnapshot();
  let consumer: BatchConsumer | undefined;
  return {
    keyring,
    outbox,
    recall: (recollection) => recallOwn(recollection, { kafka, service, topicPrefix, pool, keyring, logger }),
    async consume(subscriptions) {
      consumer = new BatchConsumer({
        kafka,
        service,
        topicPrefix,
        subscriptions,
        pool,
        outbox,
        keyring,
        awaitKey: follower.awaitKey,
        ...(options.decryptionKeys === undefined ? {} : { decryptionKeys: options.decryptionKeys }),
        ...(options.policy === undefined ? {} : { policy: options.policy }),
        ...(options.onSetBack === undefined ? {} : { onSetBack: options.onSetBack }),
        logger,
        nowMs,
      });
      await consumer.start();
    },
    async stop() {
      await consumer?.stop();
      await outbox.stop();
      await publisher.disconnect();
      await follower.stop();
    },
  };
}

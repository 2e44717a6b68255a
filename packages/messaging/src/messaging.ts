import type { TopicName } from '@tallystick/contracts';
import type { MigrationSource, Pool } from '@tallystick/postgres';
import { Keyring, type EnvelopePolicy, type SigningKey } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';

import { BatchConsumer, type BatchConsumerOptions } from './consume/consumer.ts';
import type { Subscription } from './consume/subscription.ts';
import { createKafka, type KafkaConnection } from './kafka.ts';
import { KeyFollower } from './keys/key-follower.ts';
import { KeysInUse } from './keys/keys-in-use.ts';
import { Outbox } from './publish/outbox.ts';
import { Publisher } from './publish/publisher.ts';
import { replayOwnMessages, type Replay } from './replay/replay-own-messages.ts';
import { requireTopics } from './admin/topics.ts';

/** The tables of the inbox, the outbox and the positions, in the service's own database. */
export const messagingMigrations: MigrationSource = {
  scope: 'messaging',
  directory: new URL('../src/migrations/', import.meta.url),
  removable: ['inbox', 'used_evidence', 'outbox', 'replay_under_way', 'replay_message'],
};

const OUTBOX_KEPT_S = 86_400;

type TrustAnchors = Parameters<typeof Keyring.create>[0]['trustAnchors'];

export interface MessagingOptions {
  /** This service's id: `iss` of what it sends. */
  service: string;
  kafka: KafkaConnection;
  topicPrefix: string;
  /** Topics without which the service cannot work: they are asked for before anything waits for them. */
  topics?: readonly string[];
  trustAnchors: TrustAnchors;
  /** The private JWK that signs; when it is replaced, the new one is used once it is certified. */
  signingKeyFile: string;
  /** The private JWK that opens what is confidential to this service, where anything is; one that replaces it is added. */
  decryptionKeyFile?: string;
  policy?: EnvelopePolicy;
  pool: Pool;
  /** How long rows of the outbox stay once the brokers have their records. */
  outboxKeptS?: number;
  logger: Logger;
  nowMs?: () => number;
  /** As of {@link BatchConsumerOptions}. */
  onRewound?: BatchConsumerOptions['onRewound'];
}

/** Something that a service cannot work without. */
export interface ReadinessCheck {
  part: string;
  /** @returns what is not so, in a few words; nothing where all is well */
  failure(): string | undefined;
}

/** Everything that a service needs to hear and to speak on Kafka. */
export interface Messaging {
  keyring: Keyring;
  outbox: Outbox;
  /** What signs this service's messages now. */
  signingKey: () => SigningKey;
  /** What must hold for as long as the service takes work. */
  readinessChecks: readonly ReadinessCheck[];
  /**
   * Takes over what this service published and its database knows nothing of, as after a restore. Before it consumes.
   * @returns how many messages that were
   */
  replay(replay: Replay): Promise<number>;
  /** Begins to consume. Each topic's messages go to its subscription. */
  consume(subscriptions: Partial<Record<TopicName, Subscription>>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Connects a service to Kafka: reads the key topic to its end, so that the first message meets a full keyring,
 * and starts the outbox.
 * @param options.prepare runs before the first snapshot is awaited, with the records of the key topic and what follows
 *   it: the registrar publishes its certificates there
 * @throws ConfigurationError that names the topics which are missing, or the file of a key which is of no use
 */
export async function connectMessaging(
  options: MessagingOptions & {
    prepare?: (outbox: Outbox, keyRecords: readonly string[], keyring: Keyring) => Promise<void>;
  },
): Promise<Messaging> {
  const { service, topicPrefix, pool, logger, signingKeyFile, decryptionKeyFile } = options;
  const nowMs = options.nowMs ?? Date.now;
  const kafka = createKafka({ ...options.kafka, clientId: service, logger });
  await requireTopics(kafka, options.topics ?? [], topicPrefix);
  const keyring = await Keyring.create({
    trustAnchors: options.trustAnchors,
    now: nowMs,
    onAlarm: (alarm) => logger.error({ alarm }, 'keys.untrusted_record'),
  });
  const keys = await KeysInUse.load({ service, signingKeyFile, decryptionKeyFile, keyring, logger, nowMs });
  const follower = new KeyFollower({ kafka, keyring, service, topicPrefix, logger });
  const publisher = await Publisher.connect(kafka);
  const outbox = new Outbox({
    pool,
    publisher,
    issuer: service,
    signingKey: keys.signing,
    keyring,
    topicPrefix,
    logger,
    keptS: options.outboxKeptS ?? OUTBOX_KEPT_S,
    nowMs,
    onRewound: options.onRewound,
  });
  outbox.start();
  const keyRecords = await follower.readToEnd();
  await options.prepare?.(outbox, keyRecords, keyring);
  await follower.awaitSnapshot();
  // What is certified is known only now.
  keys.start();
  let consumer: BatchConsumer | undefined;
  return {
    keyring,
    outbox,
    signingKey: keys.signing,
    readinessChecks: [
      {
        part: 'kafka',
        failure: () =>
          follower.isFollowing && consumer?.isJoined !== false ? undefined : 'the brokers do not answer',
      },
      { part: 'keys', failure: () => (keyring.version > 0 ? undefined : 'no snapshot of keys is in force') },
    ],
    async replay(replay) {
      const replayed = await replayOwnMessages(replay, {
        kafka,
        service,
        topicPrefix,
        pool,
        keyring,
        logger,
      });
      outbox.noteReplayed();
      return replayed;
    },
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
        decryptionKeys: keys.decryption,
        ...(options.policy === undefined ? {} : { policy: options.policy }),
        ...(options.onRewound === undefined ? {} : { onRewound: options.onRewound }),
        logger,
        nowMs,
      });
      await consumer.start();
    },
    async stop() {
      keys.stop();
      await consumer?.stop();
      await outbox.stop();
      await publisher.disconnect();
      await follower.stop();
    },
  };
}

import { contractsGroupOf, type ServiceName, type TopicName } from '@tallystick/contracts';
import { repeat, type MigrationSource, type Pool, type Repeated } from '@tallystick/postgres';
import { Keyring, type EnvelopePolicy, type SigningKey } from '@tallystick/security';
import { recordKey, recordSnapshot, type Logger } from '@tallystick/telemetry';

import { BatchConsumer, type BatchConsumerOptions } from './consume/consumer.ts';
import { RecordFollower, type RecordFollowerOptions } from './consume/record-follower.ts';
import type { Subscription } from './consume/subscription.ts';
import { readToldAudit, type ToldFault } from './admin/read-told-audit.ts';
import { readQuarantined, type QuarantinedContent } from './admin/quarantined.ts';
import type { OutgoingRecord } from './publish/record.ts';
import { createKafka, type KafkaConnection } from './kafka.ts';
import { findAcceptedSnapshot, putAcceptedSnapshot } from './keys/accepted-snapshot.ts';
import { KeyFollower } from './keys/key-follower.ts';
import { KeysInUse } from './keys/keys-in-use.ts';
import { Outbox } from './publish/outbox.ts';
import { Publisher } from './publish/publisher.ts';
import { replayOwnMessages, type Replay } from './replay/replay-own-messages.ts';
import { beginReplay, lastKnownMs } from './replay/replay-store.ts';
import { readDeclarations, type Declaration } from './registry/declarations.ts';
import { clientIdOf } from './registry/running-releases.ts';
import { ensureOutcomeTopics, requireTopics } from './admin/topics.ts';

/** The tables of the inbox, the outbox, the positions and the replay, in the service's database. */
export const messagingMigrations: MigrationSource = {
  scope: 'messaging',
  directory: new URL('../src/migrations/', import.meta.url),
  removable: ['inbox', 'used_evidence', 'outbox', 'replay_under_way', 'replay_message'],
};

const OUTBOX_KEPT_S = 86_400;
const FRESHNESS_INTERVAL_MS = 5_000;

type TrustAnchors = Parameters<typeof Keyring.create>[0]['trustAnchors'];

export interface MessagingOptions {
  /** This service's id: `iss` of its messages. */
  service: string;
  /** The contracts of this release, by their digest: processes show it to others as members of the service's group. */
  releaseId?: string;
  kafka: KafkaConnection;
  topicPrefix: string;
  /** Topics that the service needs: the start fails if one is missing. */
  topics?: readonly string[];
  trustAnchors: TrustAnchors;
  /** The file of the private JWK that signs. If it is replaced, the new key signs when it is certified. */
  signingKeyFile: string;
  /** The file of the private JWK that decrypts confidential messages for this service, if there are any. A new key is added. */
  decryptionKeyFile?: string;
  policy?: EnvelopePolicy;
  pool: Pool;
  /** Time for which outbox rows are kept after they were published, in seconds. */
  outboxKeptS?: number;
  logger: Logger;
  nowMs?: () => number;
  /** As of {@link BatchConsumerOptions}. */
  onRewound?: BatchConsumerOptions['onRewound'];
  /** As of {@link BatchConsumerOptions}. */
  onAccepted?: BatchConsumerOptions['onAccepted'];
}

/** A part that a service needs in order to work. */
export interface ReadinessCheck {
  part: string;
  /** @returns the fault in a few words; `undefined` if the part works */
  failure(): string | undefined;
}

/** A service's connection to Kafka: keys, outbox, replay, consumer. */
export interface Messaging {
  keyring: Keyring;
  outbox: Outbox;
  /** The current signing key. */
  signingKey: () => SigningKey;
  /** Checks that must pass while the service accepts work. */
  readinessChecks: readonly ReadinessCheck[];
  /**
   * Replays this service's messages that its database does not know, as after a restore. Call it before `consume`.
   * @returns how many messages were replayed
   */
  replay(replay: Replay): Promise<number>;
  /** Reads the contracts that releases of all services declared. */
  declarations(): Promise<Declaration[]>;
  /** Creates the topics of outcomes of third parties, if they are missing. */
  createOutcomeTopics(producerIds: readonly string[]): Promise<void>;
  /** Waits, within a limit, for a key that a message names and that is not known yet. @returns whether it is known now */
  awaitKey: (kid: string) => Promise<boolean>;
  /**
   * Follows all records of topics, for a program that looks on. It stops with the connection.
   * @param options.group name of the consumer group, without the prefix
   */
  followRecords(
    options: { group: string } & Omit<RecordFollowerOptions, 'kafka' | 'groupId' | 'logger'>,
  ): Promise<Pick<RecordFollower, 'isFollowing'>>;
  /** Reads records of the quarantine of a topic, to check and to release them. */
  readQuarantined(topic: string, offsets: ReadonlySet<string>): Promise<QuarantinedContent[]>;
  /** Reads the audit of any service from its topic, and verifies each signature and the chain. */
  readAudit(service: ServiceName): Promise<{ hashes: Map<number, string> } | ToldFault>;
  /** Publishes records as they are, without the outbox: for an operator's release from a quarantine. */
  publish(records: readonly OutgoingRecord[]): Promise<void>;
  /** Consumes the topics of these subscriptions. */
  consume(subscriptions: Partial<Record<TopicName, Subscription>>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Connects a service to Kafka: reads the key topic to its end, so that the keyring is complete before the first message, and
 * starts the outbox.
 * @param options.prepare runs before the first snapshot is awaited: the registrar publishes its certificates there
 * @throws ConfigurationError that names missing topics, or a key file that cannot be used
 */
export async function connectMessaging(
  options: MessagingOptions & {
    prepare?: (outbox: Outbox, keyRecords: readonly string[], keyring: Keyring) => Promise<void>;
  },
): Promise<Messaging> {
  const { service, topicPrefix, pool, logger, signingKeyFile, decryptionKeyFile } = options;
  const nowMs = options.nowMs ?? Date.now;
  const clientId = options.releaseId === undefined ? service : clientIdOf(service, options.releaseId);
  const kafka = createKafka({ ...options.kafka, clientId, logger });
  await requireTopics(kafka, options.topics ?? [], topicPrefix);
  const keyring = await Keyring.create({
    trustAnchors: options.trustAnchors,
    now: nowMs,
    onAlarm: (alarm) => logger.error({ alarm }, 'keys.untrusted_record'),
    accepted: await findAcceptedSnapshot(pool),
  });
  const keys = await KeysInUse.load({ service, signingKeyFile, decryptionKeyFile, keyring, logger, nowMs });
  const follower = new KeyFollower({
    kafka,
    keyring,
    service,
    topicPrefix,
    logger,
    store: (accepted) => putAcceptedSnapshot(pool, accepted),
  });
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
  // It may write rows of the outbox, which would hide what a restore has removed.
  if (options.prepare !== undefined) await beginReplay(pool, await lastKnownMs(pool));
  outbox.start();
  const keyRecords = await follower.readToEnd();
  await options.prepare?.(outbox, keyRecords, keyring);
  await follower.awaitSnapshot();
  // Certificates are known only now.
  keys.start();
  const freshness = watchKeys({ keyring, signing: keys.signing, logger, nowMs });
  let consumer: BatchConsumer | undefined;
  let recordFollower: RecordFollower | undefined;
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
      { part: 'keys', failure: () => keyFailures[keyring.freshness] },
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
    declarations: () =>
      readDeclarations(kafka, { groupId: topicPrefix + contractsGroupOf(service), topicPrefix, keyring }),
    awaitKey: follower.awaitKey,
    async followRecords({ group, ...rest }) {
      const started = new RecordFollower({ ...rest, kafka, groupId: topicPrefix + group, logger });
      recordFollower = started;
      await started.start();
      return started;
    },
    readQuarantined: (topic, offsets) => readQuarantined(kafka, topic, offsets),
    readAudit: (of) =>
      readToldAudit(kafka, {
        service: of,
        topicPrefix,
        keyring,
        group: `${topicPrefix}${service}.audit`,
        isWhole: true,
      }),
    publish: (records) => publisher.publish(records),
    createOutcomeTopics: (producerIds) => ensureOutcomeTopics(kafka, topicPrefix, producerIds),
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
        hearsOfKeys: () => follower.isFollowing,
        publisher,
        decryptionKeys: keys.decryption,
        ...(options.policy === undefined ? {} : { policy: options.policy }),
        ...(options.onRewound === undefined ? {} : { onRewound: options.onRewound }),
        onAccepted: options.onAccepted,
        logger,
        nowMs,
      });
      await consumer.start();
    },
    async stop() {
      keys.stop();
      await freshness.stop();
      await consumer?.stop();
      await recordFollower?.stop();
      await outbox.stop();
      await publisher.disconnect();
      await follower.stop();
    },
  };
}

/** Why a service is not ready, by the freshness of its keyring. */
const keyFailures = {
  fresh: undefined,
  stale: 'the snapshot of keys has expired',
  ended: 'no snapshot of keys is in force',
} as const;

/**
 * Records the ages of the signing key and of the snapshot, and logs each change of its freshness: an expired snapshot needs
 * an operator.
 */
function watchKeys(parts: {
  keyring: Keyring;
  signing: () => SigningKey;
  logger: Logger;
  nowMs: () => number;
}): Repeated {
  const { keyring, signing, logger, nowMs } = parts;
  let last = keyring.freshness;
  return repeat(
    FRESHNESS_INTERVAL_MS,
    async () => {
      const nowS = nowMs() / 1_000;
      const trusted = keyring.find(signing().kid);
      if (trusted !== undefined) recordKey('signing', trusted.certificate, nowS);
      if (keyring.snapshotIssuedAtS !== undefined) recordSnapshot(nowS - keyring.snapshotIssuedAtS);
      const { freshness, version } = keyring;
      if (freshness === last) return;
      last = freshness;
      if (freshness === 'fresh') logger.info({ version }, 'keys.snapshot_fresh');
      else logger.error({ version, freshness }, 'keys.snapshot_stale');
    },
    (error) => logger.error({ err: error }, 'keys.freshness_check_failed'),
  );
}

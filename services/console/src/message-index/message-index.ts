import {
  isTopic,
  KEY_TOPIC,
  OUTCOMES_PREFIX,
  outsideTopics,
  quarantineOf,
  topics,
  type TopicName,
} from '@tallystick/contracts';
import type { FollowedChunk, Messaging } from '@tallystick/messaging';
import { repeat, type Pool } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { quarantinedRecord } from '../quarantine/quarantined-record.ts';
import { indexedPositions, sourceOf, storeChunks, sweepIndex, type IndexedChunk } from './index-store.ts';
import { indexRecord, type CheckContext, type IndexedRecord } from './indexed-record.ts';

/** The consumer group of the index, without the prefix. */
export const INDEX_GROUP = 'console.index';

/** How long the index keeps a record, unless the setting says otherwise: as long as a quarantine does. */
export const INDEX_KEPT_DAYS = 30;
const SWEEP_INTERVAL_MS = 600_000;
/** Unknown keys that the records of a third party's topic are kept for at once: junk has a new one in each record. */
const KEYS_AWAITED_MAX = 16;

export interface MessageIndexOptions extends Pick<CheckContext, 'issuer' | 'publicUrls'> {
  messaging: Pick<Messaging, 'keyring' | 'awaitKey' | 'followRecords'>;
  pool: Pool;
  topicPrefix: string;
  logger: Logger;
  keptDays?: number;
  nowMs?: () => number;
}

/** The index of messages, as it is kept up to date. */
export interface MessageIndex {
  /** Whether it gets new records. */
  readonly isFollowing: boolean;
  stop(): Promise<void>;
}

const fromOutside: ReadonlySet<string> = new Set(outsideTopics());
const indexedTopics: ReadonlySet<string> = new Set(
  (Object.keys(topics) as TopicName[])
    // Certificates and snapshots are no messages: the keyring has them.
    .filter((name) => name !== KEY_TOPIC)
    .flatMap((name) => (topics[name].cleanup === 'compacted' ? [name] : [name, quarantineOf(name)])),
);

/**
 * Returns whether the index has the records of a topic: all topics of contracts, their quarantines and the topics of outcomes.
 * @param name without the prefix
 */
export function isIndexed(name: string): boolean {
  return indexedTopics.has(name) || name.startsWith(OUTCOMES_PREFIX);
}

/** Keeps an index of all records of the topics in the console's database, from their beginning. */
export async function startMessageIndex(options: MessageIndexOptions): Promise<MessageIndex> {
  const { messaging, pool, topicPrefix, logger } = options;
  const nowMs = options.nowMs ?? Date.now;
  const context: CheckContext = {
    keyring: messaging.keyring,
    awaitKey: messaging.awaitKey,
    topicPrefix,
    issuer: options.issuer,
    publicUrls: options.publicUrls,
    nowMs,
  };
  const follower = await messaging.followRecords({
    group: INDEX_GROUP,
    isFollowed: (topic) => topic.startsWith(topicPrefix) && isIndexed(topic.slice(topicPrefix.length)),
    positions: async () =>
      (await indexedPositions(pool)).map((one) => ({ ...one, topic: topicPrefix + one.topic })),
    async take(chunks) {
      const read = new Map<IndexedChunk, FollowedChunk>();
      for (const chunk of chunks) read.set(await indexChunk(chunk, context), chunk);
      const stored = await storeChunks(pool, [...read.keys()]);
      return new Set([...stored].map((one) => read.get(one)!));
    },
  });
  const keptS = (options.keptDays ?? INDEX_KEPT_DAYS) * 86_400;
  const sweeping = repeat(
    SWEEP_INTERVAL_MS,
    (signal) => sweepIndex(pool, keptS, signal),
    (error) => logger.warn({ err: error }, 'message_index.sweep_failed'),
  );
  return {
    get isFollowing() {
      return follower.isFollowing;
    },
    stop: () => sweeping.stop(),
  };
}

async function indexChunk(chunk: FollowedChunk, context: CheckContext): Promise<IndexedChunk> {
  const name = chunk.topic.slice(context.topicPrefix.length);
  const [source, isQuarantine] = sourceOf(name);
  const { partition, from, to, isRecreated } = chunk;
  const place = { topic: name, partition, from, to, isRecreated };
  if (isQuarantine) {
    const read = chunk.records.map((record) => quarantinedRecord(source, record, context.nowMs()));
    return {
      ...place,
      records: read.map(({ indexed }) => indexed),
      quarantined: read.map(({ quarantined }) => quarantined),
    };
  }
  const isOutside = isTopic(name) && fromOutside.has(name);
  const awaitKey = isOutside ? atMost(KEYS_AWAITED_MAX, context.awaitKey) : context.awaitKey;
  const records: IndexedRecord[] = await Promise.all(
    chunk.records.map((record) => indexRecord(name, record, { ...context, awaitKey })),
  );
  return { ...place, records, quarantined: [] };
}

/** Waits for the first keys only: a third party that invents more cannot delay the index. */
function atMost(keys: number, awaitKey: CheckContext['awaitKey']): CheckContext['awaitKey'] {
  const awaited = new Set<string>();
  return async (kid) => {
    if (!awaited.has(kid) && awaited.size >= keys) return false;
    awaited.add(kid);
    return awaitKey(kid);
  };
}

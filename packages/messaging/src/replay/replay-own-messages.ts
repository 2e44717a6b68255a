import { jtiTimeMs, replayGroupOf, type TopicName } from '@tallystick/contracts';
import { CLOCK_SKEW_MAX_MS, transaction, type Pool, type Transaction } from '@tallystick/postgres';
import { claimedSender, open, type Keyring, type OpenedMessage } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import type { KafkaMessage } from 'kafkajs';
import type { Kafka } from '../kafka.ts';
import type { OutgoingRecord } from '../publish/record.ts';
import { rangesSince, readRanges } from './read-ranges.ts';
import {
  beginReplay,
  deleteReplayMessages,
  endReplay,
  firstReplayMessages,
  insertAsPublished,
  insertReplayMessages,
  lastKnownMs,
  sizeOfReplayMessages,
  TRANSACTION_MAX_MS,
  unknownOf,
  type ChunkSize,
  type OpenedOwnMessage,
  type OwnMessage,
} from './replay-store.ts';

/** Overlap of the search with the newest outbox row: replicas publish concurrently, and their clocks differ. */
const OVERLAP_MS = 2 * CLOCK_SKEW_MAX_MS + 5_000;
/** A record under this service's name may be forged, so its `jti` is checked before it is used. */
const JTI = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** The default size of a chunk. */
const CHUNK_SIZE: ChunkSize = { messages: 1_000, bytes: 4 * 1_048_576 };

/** Messages are looked up in batches of this many chunks: a lookup costs less than a replay. */
const READ_FACTOR = 4;

/** Restores the state of a service from its own published messages that its database does not know. */
export interface Replay {
  /** The topics that hold them. */
  topics: readonly TopicName[];
  /**
   * Orders messages: the lowest rank is replayed first. Replicas' clocks differ, so a message may depend on one with a later
   * `jti`. An integer up to 2^53-1, such as a time in milliseconds; without it all messages have the same rank.
   */
  rank?(message: OpenedMessage): number;
  /**
   * Applies a chunk of messages, ordered by rank and then by `jti`. It must change nothing if the database knows their state
   * already. If a check constraint fails, it is called again with a larger chunk.
   */
  apply(messages: readonly OpenedMessage[], tx: Transaction): Promise<void>;
  /** Defaults to 1,000 messages and 4 MiB. */
  chunkSize?: ChunkSize;
}

export interface ReplayOptions {
  kafka: Kafka;
  service: string;
  topicPrefix: string;
  pool: Pool;
  keyring: Keyring;
  logger: Logger;
}

/**
 * Replays this service's own messages that Kafka holds and its database does not know. There are some if the database was
 * restored to an earlier point in time. Afterwards the state agrees again with the messages that other services read.
 *
 * All unknown messages are stored in the database first and replayed from there: their order spans all of them, and they may
 * not fit into memory.
 * @returns how many messages were replayed
 */
export async function replayOwnMessages(replay: Replay, options: ReplayOptions): Promise<number> {
  const { pool, logger } = options;
  const { chunkSize = CHUNK_SIZE } = replay;
  const sinceMs = await lastKnownMs(pool);
  await beginReplay(pool, sinceMs);
  await storeUnknown(replay, sinceMs, { ...options, chunkSize });
  const { messages } = await sizeOfReplayMessages(pool);
  let replayed = 0;
  if (messages > 0) {
    logger.warn({ messages, since: new Date(sinceMs).toISOString() }, 'replay.started');
    for (;;) {
      const some = await applyChunk(replay, { ...options, chunkSize });
      if (some === undefined) break;
      replayed += some;
    }
  }
  await endReplay(pool);
  return replayed;
}

/** Stores the messages that Kafka holds since a moment and the database does not know. Those of an interrupted start are stored already. */
async function storeUnknown(
  { topics, rank = () => 0 }: Replay,
  sinceMs: number,
  options: ReplayOptions & { chunkSize: ChunkSize },
): Promise<void> {
  const { kafka, service, topicPrefix, pool, chunkSize } = options;
  const ranges = await rangesSince(
    kafka,
    topics.map((name) => topicPrefix + name),
    Math.max(0, sinceMs - OVERLAP_MS),
  );
  // Older messages are known, since their transactions had ended: such a record was published late, or is a copy.
  const oldestMs = Math.max(0, sinceMs - OVERLAP_MS - TRANSACTION_MAX_MS);
  const most = { messages: READ_FACTOR * chunkSize.messages, bytes: READ_FACTOR * chunkSize.bytes };
  let messages: OwnMessage[] = [];
  let bytes = 0;
  const storeThese = async (): Promise<void> => {
    const unknown = await openAll(await unknownOf(pool, messages), options);
    messages = [];
    bytes = 0;
    await insertReplayMessages(pool, unknown, rank);
  };
  await readRanges(kafka, topicPrefix + replayGroupOf(service), ranges, async (topic, message) => {
    const { key, value } = message;
    const sender = claimedSender(value);
    if (sender?.iss !== service || !JTI.test(sender.jti) || key === null || value === null) return;
    if (jtiTimeMs(sender.jti) < oldestMs) return;
    messages.push({
      topic,
      jti: sender.jti,
      key: key.toString('utf8'),
      value,
      headers: textOf(message.headers),
    });
    bytes += value.length;
    if (messages.length >= most.messages || bytes >= most.bytes) await storeThese();
  });
  await storeThese();
}

const CHECK_VIOLATION = '23514';

/**
 * Replays the first chunk of stored messages. If a check constraint fails, it doubles the chunk, up to everything that is left:
 * an event of a release without batch times may be ranked before an event that it depends on.
 * @returns as {@link applyFirst}
 * @throws the violation, if all that is left violates the constraint too
 */
async function applyChunk(
  replay: Replay,
  options: ReplayOptions & { chunkSize: ChunkSize },
): Promise<number | undefined> {
  const { pool, logger } = options;
  for (let { messages, bytes } = options.chunkSize; ; messages *= 2, bytes *= 2) {
    try {
      return await applyFirst(replay, { ...options, chunkSize: { messages, bytes } });
    } catch (error) {
      const { code, constraint } = error as { code?: unknown; constraint?: unknown };
      if (code !== CHECK_VIOLATION) throw error;
      const left = await sizeOfReplayMessages(pool);
      if (messages >= left.messages && bytes >= left.bytes) throw error;
      logger.warn({ constraint, messages, left: left.messages }, 'replay.chunk_doubled');
    }
  }
}

/**
 * Replays the first stored messages in one transaction.
 * @returns how many of them were unknown to the database; `undefined` if none was left
 */
async function applyFirst(
  { apply }: Replay,
  options: ReplayOptions & { chunkSize: ChunkSize },
): Promise<number | undefined> {
  const { pool, chunkSize } = options;
  return transaction(pool, async (tx) => {
    // Replicas that start together take turns; the second one finds nothing left.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('replay', 0))`);
    const { jtis, messages } = await firstReplayMessages(tx, chunkSize);
    if (jtis.length === 0) return undefined;
    const left = await openAll(await unknownOf(tx, messages), options);
    await apply(
      left.map(({ message }) => message),
      tx,
    );
    insertAsPublished(tx, left);
    deleteReplayMessages(tx, jtis);
    return left.length;
  });
}

/** The headers of a record of this service: they are text. */
function textOf(headers: KafkaMessage['headers']): OutgoingRecord['headers'] {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}

async function openAll(
  messages: readonly OwnMessage[],
  { keyring, topicPrefix, logger }: Pick<ReplayOptions, 'keyring' | 'topicPrefix' | 'logger'>,
): Promise<OpenedOwnMessage[]> {
  const opened = await Promise.all(
    messages.map(async (one): Promise<OpenedOwnMessage[]> => {
      const { topic, jti, key, value } = one;
      // At the time it was signed: an expired message is still true.
      const result = await open({ topic, key, value }, { keyring, nowMs: jtiTimeMs(jti), topicPrefix });
      if (!result.ok) logger.warn({ topic, jti, code: result.refusal.code }, 'replay.forged_message');
      return result.ok ? [{ ...one, message: result.message }] : [];
    }),
  );
  return opened.flat();
}

import { firstJtiAt, jtiTimeMs, recallGroupOf, type TopicName } from '@tallystick/contracts';
import {
  CLOCK_SKEW_MAX_MS,
  transaction,
  type Pool,
  type Queryable,
  type Transaction,
} from '@tallystick/postgres';
import { claimedSender, open, type Keyring, type OpenedMessage } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import type { KafkaMessage } from 'kafkajs';
import type { Kafka } from './kafka.ts';
import { packRecords } from './packed-records.ts';
import { rangesSince, readRanges } from './read-ranges.ts';
import type { OutgoingRecord } from './record.ts';

/**
 * What stands on Kafka this long before the newest row may be missing all the same: replicas publish side by side, and
 * each tells the time by a clock of its own.
 */
const OVERLAP_MS = 2 * CLOCK_SKEW_MAX_MS + 5_000;
/** A transaction takes its messages' row down under an id that is older than they are, by its own length at most. */
const TRANSACTION_MAX_MS = 60_000;
/** Anybody may have written what stands under our name. */
const JTI = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Carried out in one transaction at the most. */
const MESSAGES_MAX = 1_000;

/** What a service does with words of its own that its database does not know of. */
export interface Recollection {
  /** Where it speaks what it can recall from. */
  topics: readonly TopicName[];
  /**
   * What must be taken over first, the least: clocks of replicas differ, so what was sealed first by one may rest on
   * what another sealed. All are alike where it is absent.
   */
  rank?(message: OpenedMessage): number;
  /**
   * Takes over what these messages tell, by rank and then in the order in which they were sealed. It must do nothing
   * where the database knows of it after all.
   */
  recall(messages: readonly OpenedMessage[], tx: Transaction): Promise<void>;
}

export interface RecallOptions {
  kafka: Kafka;
  service: string;
  topicPrefix: string;
  pool: Pool;
  keyring: Keyring;
  logger: Logger;
}

interface Word {
  topic: string;
  jti: string;
  key: string;
  value: Buffer;
  headers: OutgoingRecord['headers'];
}

interface OpenedWord extends Word {
  message: OpenedMessage;
}

/**
 * Looks whether Kafka holds messages of this service that its database knows nothing of: then the database was set back,
 * by a restore, and the service takes over what it had published. What others were told stays true.
 * @returns how many messages were recalled
 */
export async function recallOwn(
  { topics, rank = () => 0, recall }: Recollection,
  { kafka, service, topicPrefix, pool, keyring, logger }: RecallOptions,
): Promise<number> {
  const sinceMs = await lastWordMs(pool);
  const ranges = await rangesSince(
    kafka,
    topics.map((name) => topicPrefix + name),
    Math.max(0, sinceMs - OVERLAP_MS),
  );
  // What was sealed before is known, since its transaction had ended: it comes out late, or somebody writes it again.
  const oldestMs = Math.max(0, sinceMs - OVERLAP_MS - TRANSACTION_MAX_MS);
  const known = await knownSince(pool, oldestMs);
  const words: Word[] = [];
  await readRanges(kafka, topicPrefix + recallGroupOf(service), ranges, (topic, { key, value, headers }) => {
    const sender = claimedSender(value);
    if (sender?.iss !== service || !JTI.test(sender.jti) || key === null || value === null) return;
    if (jtiTimeMs(sender.jti) < oldestMs || known.has(sender.jti)) return;
    words.push({ topic, jti: sender.jti, key: key.toString('utf8'), value, headers: textOf(headers) });
  });
  const unknown = inOrder(
    await openAll(await unknownOf(pool, words), { keyring, topicPrefix, logger }),
    rank,
  );
  if (unknown.length === 0) {
    await end(pool);
    return 0;
  }
  logger.warn(
    { messages: unknown.length, since: new Date(sinceMs).toISOString() },
    'the database was set back: it knows nothing of messages that this service published, and takes them over',
  );
  await begin(pool, sinceMs);
  let recalled = 0;
  for (let at = 0; at < unknown.length; at += MESSAGES_MAX) {
    const some = unknown.slice(at, at + MESSAGES_MAX);
    recalled += await transaction(pool, async (tx) => {
      // Replicas that start at once take turns, and the second finds nothing left.
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('recall', 0))`);
      const left = await unknownOf(tx, some);
      await recall(
        left.map(({ message }) => message),
        tx,
      );
      remember(tx, left);
      return left.length;
    });
  }
  await end(pool);
  return recalled;
}

/** Of our own records, whose headers are text. */
function textOf(headers: KafkaMessage['headers']): OutgoingRecord['headers'] {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}

/** Up to when the database knows what this service published, or since when it is being recalled. */
async function lastWordMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ since: Date | null; newest: string | null }>(
    `SELECT (SELECT since FROM recall_under_way) AS since, (SELECT id FROM outbox ORDER BY id DESC LIMIT 1) AS newest`,
  );
  const { since, newest } = rows[0]!;
  if (since !== null) return since.getTime();
  return newest === null ? 0 : jtiTimeMs(newest);
}

/** Should this be cut short, the next start goes on from here: what was sent meanwhile is newer. */
async function begin(pool: Pool, sinceMs: number): Promise<void> {
  await pool.query('INSERT INTO recall_under_way (since) VALUES ($1) ON CONFLICT DO NOTHING', [
    new Date(sinceMs),
  ]);
}

async function end(pool: Pool): Promise<void> {
  await pool.query('DELETE FROM recall_under_way');
}

/** Those that no row of the outbox holds. */
async function unknownOf<One extends Word>(on: Queryable, words: readonly One[]): Promise<One[]> {
  if (words.length === 0) return [];
  const known = await knownSince(
    on,
    words.reduce((least, { jti }) => Math.min(least, jtiTimeMs(jti)), Infinity),
  );
  return words.filter(({ jti }) => !known.has(jti));
}

/** The ids of messages in the outbox, of all that were sealed from a moment on. */
async function knownSince(on: Queryable, sealedMs: number): Promise<Set<string>> {
  const { rows } = await on.query<{ jti: string }>(
    'SELECT unnest(record_ids) AS jti FROM outbox WHERE id >= $1',
    [firstJtiAt(sealedMs - TRANSACTION_MAX_MS)],
  );
  return new Set(rows.map(({ jti }) => jti));
}

/** Each once, by rank and then in the order in which they were sealed: the relay may have published one twice. */
function inOrder(words: readonly OpenedWord[], rank: (message: OpenedMessage) => number): OpenedWord[] {
  const byJti = new Map(words.map((word) => [word.jti, word]));
  return [...byJti.values()].sort((a, b) => rank(a.message) - rank(b.message) || (a.jti < b.jti ? -1 : 1));
}

/** Keeps recalled words as if they had been published by a transaction that this database remembers. */
function remember(tx: Transaction, words: readonly Word[]): void {
  if (words.length === 0) return;
  const newest = words.map(({ jti }) => jti).reduce((a, b) => (a > b ? a : b));
  tx.write({
    text: `INSERT INTO outbox (id, records, record_ids, created_at, published_at) VALUES ($1, $2, $3, 'infinity', now())
           ON CONFLICT DO NOTHING`,
    values: [newest, packRecords(words.map(recordOfWord)), words.map(({ jti }) => jti)],
  });
}

function recordOfWord({ topic, jti, key, value, headers }: Word): OutgoingRecord {
  return { id: jti, topic, key: Buffer.from(key), value, headers };
}

async function openAll(
  words: readonly Word[],
  { keyring, topicPrefix, logger }: Pick<RecallOptions, 'keyring' | 'topicPrefix' | 'logger'>,
): Promise<OpenedWord[]> {
  const opened = await Promise.all(
    words.map(async (word): Promise<OpenedWord[]> => {
      const { topic, jti, key, value } = word;
      // Whatever its age: it counts for what was said, not for what is to be done.
      const result = await open({ topic, key, value }, { keyring, nowMs: jtiTimeMs(jti), topicPrefix });
      if (!result.ok)
        logger.warn({ topic, jti, code: result.refusal.code }, 'a message under our name is not ours');
      return result.ok ? [{ ...word, message: result.message }] : [];
    }),
  );
  return opened.flat();
}

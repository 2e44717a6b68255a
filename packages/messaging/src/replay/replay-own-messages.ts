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
import type { Kafka } from '../kafka.ts';
import { packRecords, unpackRecords } from '../publish/packed-records.ts';
import { rangesSince, readRanges } from './read-ranges.ts';
import type { OutgoingRecord } from '../publish/record.ts';

/**
 * What stands on Kafka this long before the newest row may be missing all the same: replicas publish side by side, and
 * each tells the time by a clock of its own.
 */
const OVERLAP_MS = 2 * CLOCK_SKEW_MAX_MS + 5_000;
/** A transaction takes its messages' row down under an id that is older than they are, by its own length at most. */
const TRANSACTION_MAX_MS = 60_000;
/** Anybody may have written what stands under our name. */
const JTI = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** What is taken over in one transaction, unless a service says otherwise. */
const AT_ONCE: AtOnce = { messages: 1_000, bytes: 4 * 1_048_576 };

/** What is read at once is only looked up: so many times as much. */
const READ_FACTOR = 4;

/** How much is taken over in one transaction: so many messages, and about so many bytes. */
interface AtOnce {
  messages: number;
  /** … and one message at least */
  bytes: number;
}

/** What a service does with words of its own that its database does not know of. */
export interface Recollection {
  /** Where it speaks what it can recall from. */
  topics: readonly TopicName[];
  /**
   * What must be taken over first, the least: clocks of replicas differ, so what was sealed first by one may rest on
   * what another sealed. An integer up to 2^53-1, such as a time in milliseconds. All are alike where it is absent.
   */
  rank?(message: OpenedMessage): number;
  /**
   * Takes over what these messages tell, by rank and then in the order in which they were sealed. It must do nothing
   * where the database knows of it after all. Where it meets a check constraint, it is asked again with more of them.
   */
  recall(messages: readonly OpenedMessage[], tx: Transaction): Promise<void>;
  /** What is taken over in one transaction; 1,000 messages and 4 MiB where absent. */
  atOnce?: AtOnce;
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
 *
 * What is unknown is noted in the database first, all of it, and taken over from there: its order goes across all that was
 * published, so none of it may be taken over before the last is read, and it may be more than fits into memory.
 * @returns how many messages were recalled
 */
export async function recallOwn(recollection: Recollection, options: RecallOptions): Promise<number> {
  const { pool, logger } = options;
  const { atOnce = AT_ONCE } = recollection;
  const sinceMs = await lastWordMs(pool);
  await begin(pool, sinceMs);
  await noteUnknown(recollection, sinceMs, { ...options, atOnce });
  const { rows } = await pool.query<{ count: bigint }>('SELECT count(*) FROM recall_word');
  const messages = Number(rows[0]!.count);
  let recalled = 0;
  if (messages > 0) {
    logger.warn(
      { messages, since: new Date(sinceMs).toISOString() },
      'the database was set back: it knows nothing of messages that this service published, and takes them over',
    );
    for (;;) {
      const some = await takeOverEnough(recollection, { ...options, atOnce });
      if (some === undefined) break;
      recalled += some;
    }
  }
  await end(pool);
  return recalled;
}

/** Notes what Kafka has since a moment that the database does not know of. What was noted before a start was cut short is there still. */
async function noteUnknown(
  { topics, rank = () => 0 }: Recollection,
  sinceMs: number,
  options: RecallOptions & { atOnce: AtOnce },
): Promise<void> {
  const { kafka, service, topicPrefix, pool, atOnce } = options;
  const ranges = await rangesSince(
    kafka,
    topics.map((name) => topicPrefix + name),
    Math.max(0, sinceMs - OVERLAP_MS),
  );
  // What was sealed before is known, since its transaction had ended: it comes out late, or somebody writes it again.
  const oldestMs = Math.max(0, sinceMs - OVERLAP_MS - TRANSACTION_MAX_MS);
  const most = { messages: READ_FACTOR * atOnce.messages, bytes: READ_FACTOR * atOnce.bytes };
  let words: Word[] = [];
  let bytes = 0;
  const noteThese = async (): Promise<void> => {
    const unknown = await openAll(await unknownOf(pool, words), options);
    words = [];
    bytes = 0;
    await note(pool, unknown, rank);
  };
  await readRanges(kafka, topicPrefix + recallGroupOf(service), ranges, async (topic, message) => {
    const { key, value } = message;
    const sender = claimedSender(value);
    if (sender?.iss !== service || !JTI.test(sender.jti) || key === null || value === null) return;
    if (jtiTimeMs(sender.jti) < oldestMs) return;
    words.push({
      topic,
      jti: sender.jti,
      key: key.toString('utf8'),
      value,
      headers: textOf(message.headers),
    });
    bytes += value.length;
    if (words.length >= most.messages || bytes >= most.bytes) await noteThese();
  });
  await noteThese();
}

/** Each once: the relay may have published one twice, and other replicas may be at it too. */
async function note(
  pool: Pool,
  words: readonly OpenedWord[],
  rank: (message: OpenedMessage) => number,
): Promise<void> {
  if (words.length === 0) return;
  // In one order, so that replicas do not wait for each other. A release that ranked otherwise may have noted some before.
  const once = new Map(words.map((word) => [word.jti, word]));
  const sorted = [...once.values()].sort((a, b) => (a.jti < b.jti ? -1 : 1));
  await pool.query(
    `INSERT INTO recall_word (jti, rank, record) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bytea[])
     ON CONFLICT (jti) DO UPDATE SET rank = excluded.rank WHERE recall_word.rank <> excluded.rank`,
    [
      sorted.map(({ jti }) => jti),
      sorted.map(({ message }) => rank(message)),
      sorted.map((word) => packRecords([recordOfWord(word)])),
    ],
  );
}

const CHECK_VIOLATION = '23514';

/**
 * Takes over the first of what was noted; where a check constraint refuses that, twice as much, up to all that is left.
 * Events of a release that told no time of their batch may be ranked before what they rest on: together they fit.
 * @returns as {@link takeOver}
 * @throws the violation, where all that is left violates the constraint too
 */
async function takeOverEnough(
  recollection: Recollection,
  options: RecallOptions & { atOnce: AtOnce },
): Promise<number | undefined> {
  const { pool, logger } = options;
  for (let { messages, bytes } = options.atOnce; ; messages *= 2, bytes *= 2) {
    try {
      return await takeOver(recollection, { ...options, atOnce: { messages, bytes } });
    } catch (error) {
      const { code, constraint } = error as { code?: unknown; constraint?: unknown };
      if (code !== CHECK_VIOLATION) throw error;
      const left = await sizeOfNoted(pool);
      if (messages >= left.messages && bytes >= left.bytes) throw error;
      logger.warn(
        { constraint, messages, left: left.messages },
        'replay continues with a chunk twice as large',
      );
    }
  }
}

async function sizeOfNoted(pool: Pool): Promise<AtOnce> {
  const { rows } = await pool.query<{ messages: bigint; bytes: bigint }>(
    'SELECT count(*) AS messages, coalesce(sum(octet_length(record)), 0)::bigint AS bytes FROM recall_word',
  );
  return { messages: Number(rows[0]!.messages), bytes: Number(rows[0]!.bytes) };
}

/**
 * Takes over the first of what was noted.
 * @returns how many of them the database did not know of; `undefined` where none was left
 */
async function takeOver(
  { recall }: Recollection,
  options: RecallOptions & { atOnce: AtOnce },
): Promise<number | undefined> {
  const { pool, atOnce } = options;
  return transaction(pool, async (tx) => {
    // Replicas that start at once take turns, and the second finds nothing left.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('recall', 0))`);
    const { rows } = await tx.query<{ jti: string; record: Buffer }>(
      `SELECT jti, record FROM (
         SELECT jti, rank, record, sum(octet_length(record)) OVER (ORDER BY rank, jti) - octet_length(record) AS bytes_before
         FROM (SELECT jti, rank, record FROM recall_word ORDER BY rank, jti LIMIT $1) AS first) AS counted
       WHERE bytes_before < $2
       ORDER BY rank, jti`,
      [atOnce.messages, atOnce.bytes],
    );
    if (rows.length === 0) return undefined;
    const noted = rows.flatMap(({ record }) => unpackRecords(record).map(wordOfRecord));
    const left = await openAll(await unknownOf(tx, noted), options);
    await recall(
      left.map(({ message }) => message),
      tx,
    );
    remember(tx, left);
    tx.write({
      text: 'DELETE FROM recall_word WHERE jti = ANY($1::uuid[])',
      values: [rows.map(({ jti }) => jti)],
    });
    return left.length;
  });
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

/** Should this be cut short, the next start looks from here on: what was sent meanwhile is newer. */
async function begin(pool: Pool, sinceMs: number): Promise<void> {
  await pool.query('INSERT INTO recall_under_way (since) VALUES ($1) ON CONFLICT DO NOTHING', [
    new Date(sinceMs),
  ]);
}

async function end(pool: Pool): Promise<void> {
  await pool.query('DELETE FROM recall_under_way');
}

/** Those that no row of the outbox holds. */
async function unknownOf(on: Queryable, words: readonly Word[]): Promise<Word[]> {
  if (words.length === 0) return [];
  const oldestMs = words.reduce((least, { jti }) => Math.min(least, jtiTimeMs(jti)), Infinity);
  const { rows } = await on.query<{ jti: string }>(
    `SELECT jti FROM outbox, unnest(record_ids) AS jti WHERE id >= $1 AND jti = ANY($2::uuid[])`,
    [firstJtiAt(oldestMs - TRANSACTION_MAX_MS), words.map(({ jti }) => jti)],
  );
  const known = new Set(rows.map(({ jti }) => jti));
  return words.filter(({ jti }) => !known.has(jti));
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

function wordOfRecord({ topic, id, key, value, headers }: OutgoingRecord): Word {
  return { topic, jti: id, key: key!.toString('utf8'), value: value!, headers };
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

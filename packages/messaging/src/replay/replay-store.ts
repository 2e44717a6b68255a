import { firstJtiAt, jtiTimeMs } from '@tallystick/contracts';
import { insertRows, type Pool, type Queryable, type Transaction } from '@tallystick/postgres';
import type { OpenedMessage } from '@tallystick/security';
import { packRecords, unpackRecords } from '../publish/packed-records.ts';
import type { OutgoingRecord } from '../publish/record.ts';

/** An outbox row's id is older than the messages in it by the length of its transaction at most. */
export const TRANSACTION_MAX_MS = 60_000;

/** A message that Kafka holds under this service's name, and its database may not know. */
export interface OwnMessage {
  topic: string;
  jti: string;
  key: string;
  value: Buffer;
  headers: OutgoingRecord['headers'];
}

/** One whose signature was verified. */
export interface OpenedOwnMessage extends OwnMessage {
  message: OpenedMessage;
}

/** The size of a chunk, which is replayed in one transaction. */
export interface ChunkSize {
  messages: number;
  /** A chunk holds at least one message, even if that is larger. */
  bytes: number;
}

/** The time of the newest message that the database knows, or the start of a replay that was interrupted. */
export async function lastKnownMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ since: Date | null; newest: string | null }>(
    `SELECT (SELECT since FROM replay_under_way) AS since, (SELECT id FROM outbox ORDER BY id DESC LIMIT 1) AS newest`,
  );
  const { since, newest } = rows[0]!;
  if (since !== null) return since.getTime();
  return newest === null ? 0 : jtiTimeMs(newest);
}

/** Marks a replay as started. If it is interrupted, the next start searches from the same moment, not from newer messages. */
export async function beginReplay(pool: Pool, sinceMs: number): Promise<void> {
  await pool.query('INSERT INTO replay_under_way (since) VALUES ($1) ON CONFLICT DO NOTHING', [
    new Date(sinceMs),
  ]);
}

export async function endReplay(pool: Pool): Promise<void> {
  await pool.query('DELETE FROM replay_under_way');
}

/** The messages that no outbox row contains. */
export async function unknownOf(on: Queryable, messages: readonly OwnMessage[]): Promise<OwnMessage[]> {
  if (messages.length === 0) return [];
  const oldestMs = messages.reduce((least, { jti }) => Math.min(least, jtiTimeMs(jti)), Infinity);
  const { rows } = await on.query<{ jti: string }>(
    `SELECT jti FROM outbox, unnest(record_ids) AS jti WHERE id >= $1 AND jti = ANY($2::uuid[])`,
    [firstJtiAt(oldestMs - TRANSACTION_MAX_MS), messages.map(({ jti }) => jti)],
  );
  const known = new Set(rows.map(({ jti }) => jti));
  return messages.filter(({ jti }) => !known.has(jti));
}

const replayInsert = insertRows<{ jti: string; rank: number; record: Buffer }>(
  'replay_message_insert',
  'replay_message',
  {
    jti: ['uuid', ({ jti }) => jti],
    rank: ['bigint', ({ rank }) => rank],
    record: ['bytea', ({ record }) => record],
  },
  {
    orElse: `ON CONFLICT (jti) DO UPDATE SET rank = excluded.rank WHERE replay_message.rank <> excluded.rank`,
  },
);

/** Stores messages to be replayed, each once: the relay may have published one twice, and other replicas may store it too. */
export async function insertReplayMessages(
  pool: Pool,
  messages: readonly OpenedOwnMessage[],
  rank: (message: OpenedMessage) => number,
): Promise<void> {
  if (messages.length === 0) return;
  // In one order, so that replicas cannot deadlock. An earlier release may have stored some with another rank.
  const once = new Map(messages.map((one) => [one.jti, one]));
  const sorted = [...once.values()].sort((a, b) => (a.jti < b.jti ? -1 : 1));
  await pool.query(
    replayInsert(
      sorted.map((one) => ({
        jti: one.jti,
        rank: rank(one.message),
        record: packRecords([recordOf(one)]),
      })),
    ),
  );
}

/** The first stored messages, by rank and `jti`, up to the size of a chunk. */
export async function firstReplayMessages(
  tx: Transaction,
  size: ChunkSize,
): Promise<{ jtis: string[]; messages: OwnMessage[] }> {
  const { rows } = await tx.query<{ jti: string; record: Buffer }>(
    `SELECT jti, record FROM (
       SELECT jti, rank, record, sum(octet_length(record)) OVER (ORDER BY rank, jti) - octet_length(record) AS bytes_before
       FROM (SELECT jti, rank, record FROM replay_message ORDER BY rank, jti LIMIT $1) AS first) AS counted
     WHERE bytes_before < $2
     ORDER BY rank, jti`,
    [size.messages, size.bytes],
  );
  return {
    jtis: rows.map(({ jti }) => jti),
    messages: rows.flatMap(({ record }) => unpackRecords(record).map(messageOf)),
  };
}

export function deleteReplayMessages(tx: Transaction, jtis: readonly string[]): void {
  tx.write({ text: 'DELETE FROM replay_message WHERE jti = ANY($1::uuid[])', values: [jtis] });
}

/** Returns the size of the messages left to replay. */
export async function sizeOfReplayMessages(on: Queryable): Promise<ChunkSize> {
  const { rows } = await on.query<{ messages: bigint; bytes: bigint }>(
    'SELECT count(*) AS messages, coalesce(sum(octet_length(record)), 0)::bigint AS bytes FROM replay_message',
  );
  return { messages: Number(rows[0]!.messages), bytes: Number(rows[0]!.bytes) };
}

/** Adds replayed messages to the outbox as published, so that the database knows them from now on. */
export function insertAsPublished(tx: Transaction, messages: readonly OwnMessage[]): void {
  if (messages.length === 0) return;
  const newest = messages.map(({ jti }) => jti).reduce((a, b) => (a > b ? a : b));
  tx.write({
    text: `INSERT INTO outbox (id, records, record_ids, created_at, published_at) VALUES ($1, $2, $3, 'infinity', now())
           ON CONFLICT DO NOTHING`,
    values: [newest, packRecords(messages.map(recordOf)), messages.map(({ jti }) => jti)],
  });
}

function messageOf({ topic, id, key, value, headers }: OutgoingRecord): OwnMessage {
  return { topic, jti: id, key: key!.toString('utf8'), value: value!, headers };
}

function recordOf({ topic, jti, key, value, headers }: OwnMessage): OutgoingRecord {
  return { id: jti, topic, key: Buffer.from(key), value, headers };
}

import { rowSource, type Pool, type Queryable, type Statement, type Transaction } from '@tallystick/postgres';
import type { Consumer } from 'kafkajs';

/** Another consumer took the partition or moved its position: this batch must be rolled back. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
  /** The partition, as of {@link topicPartition}. */
  readonly topicPartition: string;

  /** @param from the expected position */
  constructor(topic: string, partition: number, from?: bigint) {
    super(`${topic}[${partition}] is no longer at ${from ?? 'a known position'}`);
    this.topicPartition = topicPartition(topic, partition);
  }
}

/** The database is older than this process's last read of it: it was restored while the service ran. */
export class RewoundDatabaseError extends Error {
  override readonly name = 'RewoundDatabaseError';

  /** @param what the name of the value that moved back */
  constructor(what: string, known: bigint | number | string, stored: bigint | number | string) {
    super(
      `${what} was at ${known} and is at ${stored}: the database was restored to an earlier point in time; the service restarts to replay its own messages`,
    );
  }
}

/** Ends the process outside every error handler: its cached state no longer matches the database. */
export function endProcess(error: RewoundDatabaseError): void {
  setImmediate(() => {
    throw error;
  });
}

/** The key of a partition in maps. */
export function topicPartition(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}

/** Reads the position of a partition; a partition that was never seen starts at `first`. */
export async function loadPosition(
  pool: Pool,
  topic: string,
  partition: number,
  first: bigint,
): Promise<bigint> {
  await pool.query(
    'INSERT INTO consumer_position (topic, partition, next) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [topic, partition, first],
  );
  const { rows } = await pool.query<{ next: bigint }>(
    'SELECT next FROM consumer_position WHERE topic = $1 AND partition = $2',
    [topic, partition],
  );
  return rows[0]!.next;
}

/**
 * Resets the position of a partition whose topic was deleted and recreated.
 * @param from the expected position; nothing changes if it moved
 * @param first the first offset of the new topic
 */
export async function resetPosition(
  pool: Pool,
  topic: string,
  partition: number,
  from: bigint,
  first: bigint,
): Promise<void> {
  await pool.query(
    'UPDATE consumer_position SET next = $4 WHERE topic = $1 AND partition = $2 AND next = $3',
    [topic, partition, from, first],
  );
}

/** Reads the positions of all partitions of these topics that were ever seen. */
export async function loadPositions(
  pool: Pool,
  topics: readonly string[],
): Promise<{ topic: string; partition: number; next: bigint }[]> {
  const { rows } = await pool.query<{ topic: string; partition: number; next: bigint }>(
    'SELECT topic, partition, next FROM consumer_position WHERE topic = ANY($1::text[])',
    [topics],
  );
  return rows;
}

/** Moves a consumer to the positions of the partitions that were assigned to it. @param assignment partitions by topic */
export async function seekToPositions(
  consumer: Consumer,
  pool: Pool,
  assignment: Readonly<Record<string, readonly number[]>>,
): Promise<void> {
  for (const { topic, partition, next } of await loadPositions(pool, Object.keys(assignment)))
    if (assignment[topic]?.includes(partition) === true)
      consumer.seek({ topic, partition, offset: String(next) });
}

/** The position of a partition before and after a batch. */
export interface Move {
  topic: string;
  partition: number;
  from: bigint;
  to: bigint;
}

const moveRows = rowSource<Move>({
  topic: ['text', ({ topic }) => topic],
  partition: ['integer', ({ partition }) => partition],
  was: ['bigint', ({ from }) => from],
  next: ['bigint', ({ to }) => to],
});

/**
 * Moves positions, each if it is still at `from`.
 * @param moves in the same order everywhere, so that two owners cannot deadlock
 * @returns the partitions whose position was moved, as of {@link topicPartition}
 */
export async function moveIfUnchanged(on: Queryable, moves: readonly Move[]): Promise<Set<string>> {
  const statement: Statement = {
    name: 'positions_move',
    // Looks up each row separately, in the given order, as the pool's plans do. A row that moved meanwhile is found by
    // its position: whether Postgres rechecks a row's place after a wait depends on its version.
    text: `UPDATE consumer_position p SET next = n.next
           FROM (${moveRows.sql}) AS n
             CROSS JOIN LATERAL (SELECT c.ctid FROM consumer_position c
               WHERE c.topic = n.topic AND c.partition = n.partition AND c.next = n.was OFFSET 0) AS place
           WHERE p.ctid = place.ctid AND p.next = n.was RETURNING p.topic, p.partition`,
    values: moveRows.values(moves),
  };
  const { rows } = await on.query<{ topic: string; partition: number }>(statement);
  return new Set(rows.map(({ topic, partition }) => topicPartition(topic, partition)));
}

/**
 * Moves the positions of partitions within the transaction that handles their messages.
 * @param moves as of {@link moveIfUnchanged}
 * @throws FencedError of the first whose position is no longer `from`, and of one that is named twice
 */
export async function movePositions(tx: Transaction, moves: readonly Move[]): Promise<void> {
  const moved = await moveIfUnchanged(tx, moves);
  const fenced = moves.find(({ topic, partition }) => !moved.delete(topicPartition(topic, partition)));
  if (fenced !== undefined) throw new FencedError(fenced.topic, fenced.partition, fenced.from);
}

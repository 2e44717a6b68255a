import type { Pool, Transaction } from '@tallystick/postgres';

/** The partition was taken over by another owner, or went on since it was read: nothing of this batch may count. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
  /** Which partition, as by {@link placeOf}. */
  readonly place: string;

  /** @param from where it was thought to stand */
  constructor(topic: string, partition: number, from?: bigint) {
    super(`${topic}[${partition}] does not stand at ${from ?? 'a known place'} any more`);
    this.place = placeOf(topic, partition);
  }
}

/** The database stands before where it stood: it was set back under a running service, which knows more than it. */
export class SetBackError extends Error {
  override readonly name = 'SetBackError';

  /** @param what stood somewhere, and does not any more */
  constructor(what: string, known: bigint | number, stored: bigint | number) {
    super(
      `${what} stood at ${known} and stands at ${stored}: the database was set back, and the service starts anew to recall what it published since`,
    );
  }
}

/** Out of every handler's reach: nothing that this process remembers of the database is true any more. */
export function endProcess(error: SetBackError): void {
  setImmediate(() => {
    throw error;
  });
}

/** Names a partition. */
export function placeOf(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}

/** Reads where a partition goes on; a partition never seen starts at `first`. */
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
 * Has a partition begin anew, whose topic was lost and made again.
 * @param from where it was thought to stand; nothing happens where it does not
 * @param first the first record that the new topic has
 */
export async function beginAnew(
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

/** Reads where every partition of these topics goes on that was ever seen. */
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

/**
 * Moves a partition's position within the transaction that carries out its messages.
 * @throws FencedError where the position is no longer `from`
 */
export async function movePosition(
  tx: Transaction,
  topic: string,
  partition: number,
  from: bigint,
  to: bigint,
): Promise<void> {
  const { rowCount } = await tx.query({
    name: 'position_move',
    text: 'UPDATE consumer_position SET next = $4 WHERE topic = $1 AND partition = $2 AND next = $3',
    values: [topic, partition, from, to],
  });
  if (rowCount !== 1) throw new FencedError(topic, partition, from);
}

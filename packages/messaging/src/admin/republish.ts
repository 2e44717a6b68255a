import { firstJtiAt } from '@tallystick/contracts';
import type { Pool } from '@tallystick/postgres';
import { claimedExpiryS } from '@tallystick/security';
import { unpackRecords } from '../publish/packed-records.ts';
import type { Publisher } from '../publish/publisher.ts';

/** Rows per query; each row holds a transaction's records. */
const ROWS_AT_ONCE = 20;

/**
 * Publishes the outbox records of a lost topic again, in commit order and byte for byte. Consumers drop records that
 * they have handled, by `iss` and `jti`. Expired commands are left out: their senders have received an answer, or will
 * repeat them.
 * @param options.topic with its prefix
 * @param options.sinceMs earlier commits are left out
 */
export async function republish(options: {
  pool: Pool;
  publisher: Publisher;
  topic: string;
  sinceMs: number;
  nowMs: number;
}): Promise<{ published: number; expired: number }> {
  const { pool, publisher, topic, nowMs } = options;
  let last = firstJtiAt(options.sinceMs);
  let published = 0;
  let expired = 0;
  for (;;) {
    // Includes rows that are not marked as published yet: they may just have been sent to the lost topic.
    const { rows } = await pool.query<{ id: string; records: Buffer }>(
      'SELECT id, records FROM outbox WHERE id > $1 ORDER BY id LIMIT $2',
      [last, ROWS_AT_ONCE],
    );
    const newest = rows.at(-1);
    if (newest === undefined) return { published, expired };
    last = newest.id;
    const ofTopic = rows
      .flatMap(({ records }) => unpackRecords(records))
      .filter((record) => record.topic === topic);
    const current = ofTopic.filter(({ value }) => (claimedExpiryS(value) ?? Infinity) * 1_000 > nowMs);
    expired += ofTopic.length - current.length;
    published += current.length;
    await publisher.publish(current);
  }
}

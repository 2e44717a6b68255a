import { firstJtiAt } from '@tallystick/contracts';
import type { Pool } from '@tallystick/postgres';
import { claimedExpiryS } from '@tallystick/security';
import { unpackRecords } from '../publish/packed-records.ts';
import type { Publisher } from '../publish/publisher.ts';

/** Rows read at once; each holds a transaction's records. */
const ROWS_AT_ONCE = 20;

/**
 * Publishes again what the outbox of a service keeps of a topic, in the order in which it was committed and byte for
 * byte: for a topic that was lost. Consumers know by `iss` and `jti` what they handled already. Commands that have
 * expired are left out: whoever sent them has been told by the state that they are in, or asks again.
 * @param options.topic with its prefix
 * @param options.sinceMs what was committed before is left out
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
    // Also those not marked as published yet: the lost topic may have taken them a moment ago.
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

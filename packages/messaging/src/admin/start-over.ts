import type { Pool } from '@tallystick/postgres';

/**
 * Makes a service read a topic from its beginning at its next start. This is for a lost topic that was published
 * again, in which old offsets are invalid. A running service ends, since its database falls behind its cache.
 * @param topic with its prefix
 * @returns the number of partitions that it had read
 */
export async function startOver(pool: Pool, topic: string): Promise<number> {
  const { rowCount } = await pool.query('UPDATE consumer_position SET next = 0 WHERE topic = $1', [topic]);
  return rowCount ?? 0;
}

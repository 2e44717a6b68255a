import type { Pool } from '@tallystick/postgres';

/**
 * Has a service read a topic from its beginning when it starts next: for a topic that was lost and published again, in
 * which the offsets of before mean something else. One that runs ends, since its database falls behind what it knows.
 * @param topic with its prefix
 * @returns how many partitions it had read from
 */
export async function startOver(pool: Pool, topic: string): Promise<number> {
  const { rowCount } = await pool.query('UPDATE consumer_position SET next = 0 WHERE topic = $1', [topic]);
  return rowCount ?? 0;
}

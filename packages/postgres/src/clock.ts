import type { Queryable } from './pool.ts';

/**
 * Largest accepted difference between the clocks of a service and its database, in milliseconds. It is half of the
 * difference that envelopes allow between two services.
 */
export const CLOCK_SKEW_MAX_MS = 15_000;

/**
 * Returns how far this machine's clock is ahead of the database's, in milliseconds. All replicas share the database's
 * clock. The other services refuse the messages of a service whose clock is wrong.
 */
export async function clockSkewMs(on: Queryable): Promise<number> {
  const askedAtMs = Date.now();
  const { rows } = await on.query<{ ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms',
  );
  const midwayMs = (askedAtMs + Date.now()) / 2;
  return Math.round(midwayMs - rows[0]!.ms);
}

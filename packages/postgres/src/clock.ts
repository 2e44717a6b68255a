import type { Queryable } from './pool.ts';

/**
 * How far a service's clock may be from its database's, in milliseconds: half of what envelopes allow between any two
 * services.
 */
export const CLOCK_SKEW_MAX_MS = 15_000;

/**
 * How far this machine's clock is ahead of the database's, in milliseconds; the database is the clock that all replicas
 * have in common. A service whose clock is wrong signs messages that the others must refuse.
 */
export async function clockSkewMs(on: Queryable): Promise<number> {
  const askedAtMs = Date.now();
  const { rows } = await on.query<{ ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms',
  );
  const midwayMs = (askedAtMs + Date.now()) / 2;
  return Math.round(midwayMs - rows[0]!.ms);
}

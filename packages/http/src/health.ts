import { CLOCK_SKEW_MAX_MS, clockSkewMs, type Pool } from '@tallystick/postgres';
import express from 'express';

/** However often it is asked, the database is asked this often at the most. */
const REMEMBERED_MS = 1_000;

interface Readiness {
  status: 200 | 503;
  body: { status: string; skew_ms?: number };
}

/**
 * Serves `/health/live`: the process runs; and `/health/ready`: it can take orders, which means that its database can be
 * written and its clock is right.
 */
export function health(pool: Pool): express.Router {
  const router = express.Router();
  let asking: Promise<Readiness> | undefined;
  let known: { at: number; readiness: Readiness } | undefined;
  const ask = async (): Promise<Readiness> => {
    const readiness = await readinessOf(pool);
    known = { at: performance.now(), readiness };
    asking = undefined;
    return readiness;
  };
  router.get('/health/live', (_request, response) => void response.json({ status: 'live' }));
  router.get('/health/ready', async (_request, response) => {
    const isFresh = known !== undefined && performance.now() - known.at < REMEMBERED_MS;
    const { status, body } = isFresh ? known!.readiness : await (asking ??= ask());
    response.status(status).json(body);
  });
  return router;
}

async function readinessOf(pool: Pool): Promise<Readiness> {
  try {
    const skewMs = await clockSkewMs(pool);
    if (Math.abs(skewMs) > CLOCK_SKEW_MAX_MS)
      return { status: 503, body: { status: 'clock_skewed', skew_ms: skewMs } };
    await pool.query('UPDATE readiness SET asked_at = now()');
    return { status: 200, body: { status: 'ready' } };
  } catch {
    // What is wrong is in the log of the pool and of the requests; the prober needs the status only.
    return { status: 503, body: { status: 'database_unavailable' } };
  }
}

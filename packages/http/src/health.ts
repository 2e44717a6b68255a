import {
  CLOCK_SKEW_MAX_MS,
  clockSkewMs,
  recentShortage,
  type Pool,
  type Queryable,
} from '@tallystick/postgres';
import express from 'express';

/** The checks run at most once in this time, however often the health endpoint is called. */
const REMEMBERED_MS = 1_000;
/**
 * A database without an answer after this time counts as down. The connection is dropped, and the next query uses a new
 * one.
 */
const QUERY_TIMEOUT_MS = 2_000;
/**
 * A check without a result after this time has failed, for example without a database connection. A prober waits
 * slightly longer.
 */
const ANSWER_TIMEOUT_MS = 3_000;

/** A dependency without which a service cannot work. */
export interface ReadinessCheck {
  /** its name in the response */
  part: string;
  /**
   * @param database the service's own, with a limited query time
   * @returns the failure in a few words, without a value from outside; `undefined` if the dependency is usable
   */
  failure(database: Queryable): string | undefined | Promise<string | undefined>;
}

interface Readiness {
  status: 200 | 503;
  /** The failure of each part that is not ready. */
  body: { status: 'ready' } | { status: 'not_ready'; lacks: Record<string, string> };
}

/**
 * Serves `/health/live` and `/health/ready`. The first reports that the process runs. The second reports that it can
 * take work: its database is writable, its clock is right, and every other check passes.
 * @param needs the checks in addition to the database
 */
export function health(pool: Pool, needs: readonly ReadinessCheck[]): express.Router {
  const router = express.Router();
  const all = [database(pool), ...needs];
  let asking: Promise<Readiness> | undefined;
  let known: { at: number; readiness: Readiness } | undefined;
  const ask = async (): Promise<Readiness> => {
    const readiness = await readinessOf(all, bounded(pool));
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

const database = (pool: Pool): ReadinessCheck => ({
  part: 'database',
  async failure(on) {
    const shortage = recentShortage(pool);
    if (shortage !== undefined) return `failed with ${shortage}`;
    const skewMs = await clockSkewMs(on);
    if (Math.abs(skewMs) > CLOCK_SKEW_MAX_MS)
      return `its clock and this one are ${Math.abs(skewMs)} ms apart`;
    await on.query('UPDATE readiness SET asked_at = now()');
    return undefined;
  },
});

async function readinessOf(needs: readonly ReadinessCheck[], on: Queryable): Promise<Readiness> {
  const lacks = await Promise.all(needs.map(async (need) => [need.part, await failureOf(need, on)] as const));
  const found = lacks.filter((one): one is [string, string] => one[1] !== undefined);
  return found.length === 0
    ? { status: 200, body: { status: 'ready' } }
    : { status: 503, body: { status: 'not_ready', lacks: Object.fromEntries(found) } };
}

async function failureOf(need: ReadinessCheck, on: Queryable): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${ANSWER_TIMEOUT_MS} ms`), ANSWER_TIMEOUT_MS);
  });
  try {
    return await Promise.race([need.failure(on), late]);
  } catch (error) {
    // The logs of the pool and of the requests contain the full error.
    const { code } = error as { code?: unknown };
    return typeof code === 'string' ? `failed with ${code}` : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

/** Wraps the pool so that a query without an answer in time fails and drops its connection. */
function bounded(pool: Pool): Queryable {
  return {
    query: ((text: string, values?: unknown[]) =>
      pool.query({
        text,
        values,
        query_timeout: QUERY_TIMEOUT_MS,
      } as never)) as unknown as Queryable['query'],
  };
}

import {
  CLOCK_SKEW_MAX_MS,
  clockSkewMs,
  recentShortage,
  type Pool,
  type Queryable,
} from '@tallystick/postgres';
import express from 'express';

/** However often it is asked, the parts are asked this often at the most. */
const REMEMBERED_MS = 1_000;
/** A database that answers later than this is as good as none: the connection is given up, and the next is a new one. */
const QUERY_TIMEOUT_MS = 2_000;
/** … and so is one to which there is no connection by then. A prober waits a little longer. */
const ANSWER_TIMEOUT_MS = 3_000;

/** Something that a service cannot work without. */
export interface ReadinessCheck {
  /** its name, as a prober sees it */
  part: string;
  /**
   * @param database the service's own, within the time that an answer may take
   * @returns what is not so, in a few words without a value from outside; nothing where all is well
   */
  failure(database: Queryable): string | undefined | Promise<string | undefined>;
}

interface Readiness {
  status: 200 | 503;
  /** For each part that is not as it must be, why. */
  body: { status: 'ready' } | { status: 'not_ready'; lacks: Record<string, string> };
}

/**
 * Serves `/health/live`: the process runs; and `/health/ready`: it can take work, since its database can be written, its
 * clock is right, and nothing else that it needs is missing.
 * @param needs what it needs beside its database
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
    // The whole of it is in the log of the pool and of the requests.
    const { code } = error as { code?: unknown };
    return typeof code === 'string' ? `failed with ${code}` : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

/** The pool, but that a query which has no answer in time fails, and takes its connection with it. */
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

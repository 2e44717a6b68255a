import { setTimeout as delay } from 'node:timers/promises';
import type { WatchedPromise } from './watched/watched-promise.ts';
import type { World } from './world.ts';

const KEPT_MAX = 3;
/** Longer than the effects of a fault: a check that hangs for this time is given up. */
const LOOK_MS_MAX = 30_000;

/** The result of a promise that was checked while faults ran. */
export interface WatchResult {
  name: string;
  held: boolean;
  detail?: string | undefined;
  /** Number of checks with a result, and of checks that a fault prevented. */
  looks: { seen: number; missed: number };
}

/**
 * Checks promises while faults run, each at its own interval. A broken promise is reported at once.
 * @param lookMsMax time until a check is given up
 */
export function watchPromises(
  world: World,
  promises: readonly WatchedPromise[],
  lookMsMax = LOOK_MS_MAX,
): { stop(): Promise<WatchResult[]> } {
  const stopping = new AbortController();
  const startMs = performance.now();
  const results = promises.map(async (one): Promise<WatchResult> => {
    const looks = { seen: 0, missed: 0 };
    const broken: string[] = [];
    let inTheWay = 'each check overlapped with a fault';
    while (!stopping.signal.aborted) {
      const atS = ((performance.now() - startMs) / 1_000).toFixed(1);
      const objections = await within(lookMsMax, one.look(world)).catch((error: unknown) => {
        // A failed check breaks no promise. If none ever succeeds, the last reason is reported.
        inTheWay = String(error);
        return undefined;
      });
      if (objections === undefined) looks.missed += 1;
      else looks.seen += 1;
      for (const objection of objections ?? []) {
        world.say(`  ${atS} s BROKEN: ${one.name}: ${objection}`);
        if (broken.length < KEPT_MAX) broken.push(`at ${atS} s ${objection}`);
      }
      await delay(one.everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
    const detail = looks.seen === 0 ? `was never checked: ${inTheWay}` : broken.join('; ');
    return { name: one.name, held: looks.seen > 0 && broken.length === 0, detail, looks };
  });
  return {
    async stop() {
      stopping.abort();
      return Promise.all(results);
    },
  };
}

async function within<Result>(ms: number, look: Promise<Result>): Promise<Result> {
  const late = new AbortController();
  try {
    return await Promise.race([
      look,
      delay(ms, undefined, { signal: late.signal }).then(() => {
        throw new Error(`no result within ${ms} ms`);
      }),
    ]);
  } finally {
    late.abort();
    // A late result is ignored.
    look.catch(() => {});
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { SystemPromise } from './promises/promise.ts';
import type { WatchResult } from './watch-promises.ts';
import type { World } from './world.ts';

/** The last events may follow just after the outcome, and an outbox row is removed some seconds after its records. */
const KEPT_WITHIN_MS = 30_000;
const AGAIN_AFTER_MS = 1_000;

/** The result of a promise; with `looks` if it was checked while faults ran. */
export interface PromiseResult {
  name: string;
  held: boolean;
  detail?: string | undefined;
  looks?: WatchResult['looks'];
}

/** Checks each promise; one that does not hold is checked again for a limited time. */
export async function lookAt(world: World, all: readonly SystemPromise[]): Promise<PromiseResult[]> {
  const deadlineMs = performance.now() + KEPT_WITHIN_MS;
  const results: PromiseResult[] = [];
  for (const one of all) {
    let result = await one.holds(world);
    while (!result.held && performance.now() < deadlineMs) {
      await delay(AGAIN_AFTER_MS);
      result = await one.holds(world);
    }
    results.push({ name: one.name, ...result });
  }
  return results;
}

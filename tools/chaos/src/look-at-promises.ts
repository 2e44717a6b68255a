import { setTimeout as delay } from 'node:timers/promises';
import type { SystemPromise } from './promises/promise.ts';
import type { WatchResult } from './watch-promises.ts';
import type { World } from './world.ts';

/** What is told last may come just behind the outcome, and an outbox row goes some seconds after its records. */
const KEPT_WITHIN_MS = 30_000;
const AGAIN_AFTER_MS = 1_000;

/** What came of a promise; `looks` where it was looked at while faults ran. */
export interface PromiseResult {
  name: string;
  held: boolean;
  detail?: string | undefined;
  looks?: WatchResult['looks'];
}

/** Looks at each promise; one that does not hold is asked again for a bounded time. */
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

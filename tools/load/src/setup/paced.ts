import { setTimeout as delay } from 'node:timers/promises';

/**
 * Processes items concurrently at a limited rate, like a client below the rate limit of a server.
 * @returns the results, in the order of the items
 */
export async function paced<Item, Result>(
  items: readonly Item[],
  limits: { atOnceMax: number; perSecondMax: number },
  work: (item: Item, at: number) => Promise<Result>,
  onDone: (done: number) => void = () => {},
): Promise<Result[]> {
  const results = Array.from<Result>({ length: items.length });
  let next = 0;
  let beginAt = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next;
      next += 1;
      // Time lost in a stall is not made up for: that would exceed the rate.
      beginAt = Math.max(beginAt + 1000 / limits.perSecondMax, performance.now());
      const earlyMs = beginAt - performance.now();
      if (earlyMs > 1) await delay(earlyMs);
      results[at] = await work(items[at]!, at);
      done += 1;
      onDone(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.atOnceMax, items.length) }, worker));
  return results;
}

import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until the answer is there.
 * @param ask gives `undefined` or `false` as long as there is none
 * @throws after `timeoutMs`
 */
export async function eventually<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline)
      throw new Error(`it did not happen within ${timeoutMs} ms: ${String(ask)}`);
    await pause(20);
  }
}

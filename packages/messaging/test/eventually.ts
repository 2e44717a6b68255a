import { setTimeout as pause } from 'node:timers/promises';

/**
 * Polls until there is an answer.
 * @param ask returns `undefined` or `false` if there is none yet
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

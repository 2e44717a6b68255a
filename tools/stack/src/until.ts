import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks a condition again and again until it holds.
 *
 * @param holds the condition; what it throws ends the wait
 * @param timeoutMs how long to go on asking
 * @param everyMs the pause between two questions, 50 ms by default
 * @returns whether it came to hold in time
 */
export async function until(
  holds: () => Promise<boolean> | boolean,
  timeoutMs: number,
  everyMs = 50,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await pause(everyMs);
  }
  return true;
}

/**
 * Asks an HTTP address once.
 *
 * @param url where to ask with GET
 * @param timeoutMs how long to wait for the answer
 * @returns whether it answered with a 2xx status; false while nothing listens there
 */
export async function answersHttp(url: string, timeoutMs = 2_000): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // fetch has one error for every way of not being reached, and each of them means: not ready
    return false;
  }
}

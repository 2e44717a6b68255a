import { setTimeout as pause } from 'node:timers/promises';

/**
 * Polls a condition until it holds.
 *
 * @param holds the condition; an error from it ends the wait
 * @param timeoutMs longest duration of the wait
 * @param everyMs the pause between two polls, 50 ms by default
 * @returns whether it held in time
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
 * Requests an HTTP address once.
 *
 * @param url the URL to GET
 * @param timeoutMs longest wait for the response
 * @returns whether the status was 2xx; false while nothing listens there
 */
export async function answersHttp(url: string, timeoutMs = 2_000): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // fetch throws one error for every kind of connection failure, and each means: not ready
    return false;
  }
}

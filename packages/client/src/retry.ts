import type { OperationDefinition } from '@tallystick/contracts';
import { ProblemError } from './problem-error.ts';

/** The limits of a call's attempts. */
export interface RetryLimits {
  /** Requests of a call at most, the first included. 1: the client never repeats a request. */
  attemptsMax: number;
  /** The pause after the first attempt, in milliseconds; each further one is twice as long. */
  firstPauseMs: number;
  pauseMaxMs: number;
  /** A longer `Retry-After` ends the call with the server's error, in milliseconds. */
  retryAfterMaxMs: number;
}

export const defaultRetryLimits: RetryLimits = {
  attemptsMax: 8,
  firstPauseMs: 200,
  pauseMaxMs: 5_000,
  retryAfterMaxMs: 30_000,
};

/** Statuses of servers and proxies that do not tell whether the request had its effect. */
const UNDECIDED: readonly number[] = [502, 503, 504];
/** Refusals that had no effect, and that the same request with a new proof may not meet again. */
const REFUSED_FOR_NOW: readonly string[] = ['idempotency.in_progress', 'dpop.replayed'];

/**
 * Returns whether a failed attempt may be repeated without a second effect.
 * @param error anything but a {@link ProblemError} means that no answer came
 */
export function isRepeatable(
  { method, idempotent }: OperationDefinition,
  error: unknown,
  { retryAfterMaxMs }: RetryLimits,
): boolean {
  // A request without a key has a second effect if the first one was carried out.
  const hasOneEffect = method !== 'POST' || idempotent;
  if (!(error instanceof ProblemError)) return hasOneEffect;
  if ((error.retryAfterMs ?? 0) > retryAfterMaxMs) return false;
  if (error.status === 429) return true;
  return hasOneEffect && (UNDECIDED.includes(error.status) || REFUSED_FOR_NOW.includes(error.code));
}

/**
 * Returns the pause before the next attempt, in milliseconds. It doubles, is at least what the server asks for, and is
 * spread, so that clients that failed together do not return together.
 * @param attempt the number of the failed attempt, from 1
 * @param random from 0 to 1
 */
export function pauseMsAfter(
  attempt: number,
  error: unknown,
  { firstPauseMs, pauseMaxMs }: RetryLimits,
  random = Math.random(),
): number {
  const asked = error instanceof ProblemError ? (error.retryAfterMs ?? 0) : 0;
  const backoff = Math.min(pauseMaxMs, firstPauseMs * 2 ** (attempt - 1));
  return asked + backoff * (0.5 + random / 2);
}

/** Waits. @throws the reason of `signal` if it aborts first */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

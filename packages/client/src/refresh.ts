import { AuthorizationUnavailableError } from './authorization-error.ts';
import { pause } from './retry.ts';

/**
 * How long after its first use the server answers a refresh token again, in milliseconds. Later, a used refresh token
 * ends the consent (RFC 9700 §4.14.2).
 */
export const REFRESH_GRACE_MS = 10_000;
/** The last attempt begins so long before the end of the grace that it arrives in time. */
const MARGIN_MS = 2_000;
/** How long a request without an effect is repeated, in milliseconds. */
const REPEATED_FOR_MS = 20_000;
const FIRST_PAUSE_MS = 200;

/**
 * Refreshes tokens, and sends the same refresh token again if the answer is lost, within the server's grace.
 * @param attempt sends one request, with a new proof by the same key
 * @throws AuthorizationUnavailableError if no answer came within the grace
 */
export function refreshWithinGrace<Result>(attempt: () => Promise<Result>): Promise<Result> {
  return untilAnswered(attempt, REFRESH_GRACE_MS - MARGIN_MS);
}

/**
 * Sends a request to the authorization server until it answers. It may be carried out several times.
 * @param attempt sends one request
 * @param withinMs time until the last attempt begins, in milliseconds
 * @throws AuthorizationUnavailableError if no answer came in this time
 */
export async function untilAnswered<Result>(
  attempt: () => Promise<Result>,
  withinMs = REPEATED_FOR_MS,
): Promise<Result> {
  const endMs = performance.now() + withinMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    try {
      return await attempt();
    } catch (error) {
      const isLost = error instanceof AuthorizationUnavailableError;
      if (!isLost || performance.now() + pauseMs > endMs) throw error;
      await pause(pauseMs);
    }
  }
}

import * as oauth from 'oauth4webapi';

/** The authorization server refused a request: the client, the customer or the grant (RFC 6749 §4.1.2.1, §5.2). */
export class AuthorizationError extends Error {
  override readonly name = 'AuthorizationError';
  /** The code of OAuth or OpenID Connect: `invalid_grant`, `access_denied`, …; `invalid_response` if an answer is none. */
  readonly error: string;
  readonly description: string | undefined;

  constructor(error: string, description: string | undefined, cause?: unknown) {
    super(description === undefined ? error : `${error}: ${description}`, { cause });
    this.error = error;
    this.description = description;
  }
}

/** The server had no answer yet: its limit is reached, or it is not up. */
export class AuthorizationUnavailableError extends Error {
  override readonly name = 'AuthorizationUnavailableError';
}

/** Statuses that say nothing about the grant. */
const UNDECIDED: readonly number[] = [429, 500, 502, 503, 504];

/**
 * Runs a step of the protocol.
 * @throws AuthorizationError if the server refuses it
 * @throws AuthorizationUnavailableError if no answer tells whether it was carried out
 */
export async function protocolStep<Result>(step: () => Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && UNDECIDED.includes(status))
      throw new AuthorizationUnavailableError(`the authorization server answered ${status}`, {
        cause: error,
      });
    if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError)
      throw new AuthorizationError(error.error, error.error_description, error);
    if (error instanceof oauth.WWWAuthenticateChallengeError)
      throw new AuthorizationError('invalid_client', undefined, error);
    // Also a callback with another `state` or `iss`.
    if (error instanceof oauth.OperationProcessingError)
      throw new AuthorizationError('invalid_response', error.message, error);
    if (isNetworkError(error))
      throw new AuthorizationUnavailableError('the authorization server did not answer', { cause: error });
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof oauth.ResponseBodyError) return error.status;
  const { cause } = error as { cause?: unknown };
  return error instanceof oauth.OperationProcessingError && cause instanceof Response
    ? cause.status
    : undefined;
}

/**
 * `fetch` rejects with a TypeError if it got no answer, and with these names at the end of a signal. The error of a signal
 * may come from another realm, so its class tells nothing.
 */
function isNetworkError(error: unknown): boolean {
  const { name } = error as { name?: unknown };
  return (
    (error instanceof TypeError && !('code' in error)) || name === 'TimeoutError' || name === 'AbortError'
  );
}

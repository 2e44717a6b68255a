/** Lifetimes of tokens, sessions and grants, in seconds. */
export const LIFETIMES_S = {
  AccessToken: 10 * 60,
  ClientCredentials: 10 * 60,
  AuthorizationCode: 60,
  IdToken: 10 * 60,
  Interaction: 15 * 60,
  Session: 8 * 60 * 60,
  /** An unused refresh token expires after this time; each rotation restarts it. */
  RefreshToken: 14 * 24 * 60 * 60,
  /** A consent expires, and the customer is asked again. */
  Grant: 90 * 24 * 60 * 60,
} as const;

/**
 * Time in which a client that lost the answer to a refresh may send its refresh token again, in seconds: long enough for
 * the timeout of a request and a retry.
 */
export const REFRESH_GRACE_S = 10;

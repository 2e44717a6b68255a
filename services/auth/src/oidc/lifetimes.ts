/** How long what the server gives out lives, in seconds. */
export const LIFETIMES_S = {
  AccessToken: 10 * 60,
  ClientCredentials: 10 * 60,
  AuthorizationCode: 60,
  IdToken: 10 * 60,
  Interaction: 15 * 60,
  Session: 8 * 60 * 60,
  /** Unused for this long, a refresh token ends; each rotation starts anew. */
  RefreshToken: 14 * 24 * 60 * 60,
  /** A consent ends, and is asked for again. */
  Grant: 90 * 24 * 60 * 60,
} as const;

import type { TokenEndpointResponse } from 'oauth4webapi';

/** The tokens of a client, bound to its DPoP key (RFC 9449 §5). */
export interface Tokens {
  accessToken: string;
  /** When the access token ends, in milliseconds since the epoch, by the client's clock. */
  expiresAtMs: number;
  /** With the scope `offline_access`. It works once. */
  refreshToken: string | undefined;
  /** The granted scopes, separated by spaces. */
  scope: string;
}

/** Reads the tokens of an answer. @param askedAtMs when the client sent the request */
export function tokensOf(answer: TokenEndpointResponse, askedScope: string, askedAtMs: number): Tokens {
  return {
    accessToken: answer.access_token,
    expiresAtMs: askedAtMs + (answer.expires_in ?? 0) * 1_000,
    refreshToken: answer.refresh_token,
    scope: answer.scope ?? askedScope,
  };
}

import type { Provider } from 'oidc-provider';
import * as z from 'zod';

/** An access token about to be signed, for the audit. It never has the token itself. */
export interface TokenToIssue {
  grantType: string;
  clientId: string;
  /** The customer, the operator, or the client that acts for itself. */
  subject: string;
  tokenId: string;
  /** Thumbprint of the key to which it is bound. */
  keyThumbprint: string | undefined;
  /** The consent behind it; absent if the client acts for itself. */
  grantId: string | undefined;
}

const jwtClaims = z.object({
  sub: z.string(),
  client_id: z.string(),
  jti: z.string(),
  cnf: z.object({ jkt: z.string() }).optional(),
});

/** Reads the facts of an access token from its claims. */
export function tokenToIssue(grantType: string, token: IssuedToken, payload: unknown): TokenToIssue {
  const { sub, client_id: clientId, jti, cnf } = jwtClaims.parse(payload);
  return { grantType, clientId, subject: sub, tokenId: jti, keyThumbprint: cnf?.jkt, grantId: token.grantId };
}

/** The members of a token of the provider that its claims need. */
export interface IssuedToken {
  grantId?: string | undefined;
  sessionUid?: string | undefined;
  expiresWithSession?: boolean | undefined;
}

/**
 * Adds to an access token the claims by which it is revoked: its consent, and the sign-in if it ends with it. A token with
 * `offline_access` outlives its sign-in.
 */
export function addRevocableClaims(token: IssuedToken, payload: Record<string, unknown>): void {
  const { grantId, sessionUid, expiresWithSession } = token;
  if (grantId !== undefined) payload.grant_id = grantId;
  if (sessionUid !== undefined && expiresWithSession === true) payload.sid = sessionUid;
}

/** Adds to an access token who its operator is: the name, and the roles (RFC 9068 §2.2.3.1). */
export function addOperatorClaims(
  operator: { name: string; roles: readonly string[] } | undefined,
  payload: Record<string, unknown>,
): void {
  if (operator === undefined) return;
  payload.name = operator.name;
  payload.roles = [...operator.roles];
}

/**
 * Has the provider revoke the access tokens of a session when the session ends. The provider's adapter cannot tell an
 * ended session from one that only changes its id.
 * @param end deletes the session and revokes its tokens, in one statement
 */
export function revokeWithSession(provider: Provider, end: (id: string, uid: string) => Promise<void>): void {
  const sessions = provider.Session.prototype;
  const destroy = sessions.destroy as (this: { id: string; uid: string }) => Promise<void>;
  sessions.destroy = async function (this: { id: string; uid: string }): Promise<void> {
    await end(this.id, this.uid);
    await destroy.call(this);
  };
}

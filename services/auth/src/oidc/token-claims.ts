import type { Provider } from 'oidc-provider';

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

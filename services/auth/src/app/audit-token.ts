import { auditOf } from '@tallystick/audit';
import { AUDIT_DONE } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import type { TokenToIssue } from '../oidc/token-claims.ts';

/**
 * Audits an access token by its id, its key and its consent, never the token itself. The provider writes no record of a
 * signed token, so the entry is written before the signature: no token is without one.
 */
export async function auditToken(
  db: Queryable,
  { grantType, clientId, subject, tokenId, keyThumbprint, grantId }: TokenToIssue,
  atMs: number,
): Promise<void> {
  const object = [tokenId, keyThumbprint, grantId].filter((part) => part !== undefined).join(' ');
  const action = `auth.token.${grantType}`;
  await db.query(auditOf([{ actor: subject, clientId, action, object, outcome: AUDIT_DONE, atMs }]));
}

import { parseJson, thumbprint } from '@tallystick/security';
import type { JWK } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

/** The parties of a refresh token. */
export interface BoundToken {
  grantId?: string | undefined;
  clientId?: string | undefined;
  /** Thumbprint of its key; absent if the client authenticates. */
  jkt?: string | undefined;
}

/**
 * Ends the grant of a used refresh token that another client or another key presents: it was stolen (RFC 9700 §4.14.2).
 * The provider compares client and key before the use, and refuses without ending the grant.
 * @param findUsed returns the refresh token if it was used
 * @param endGrant deletes a grant and revokes its tokens
 */
export function endGrantsOfMisusedTokens(
  provider: Provider,
  findUsed: (value: string) => Promise<BoundToken | undefined>,
  endGrant: (grantId: string) => Promise<void>,
): void {
  provider.use(async (ctx, next) => {
    await next();
    // Only the provider's routes have it.
    const { oidc } = ctx as Partial<KoaContextWithOIDC>;
    const value = oidc?.route === 'token' && ctx.status === 400 ? oidc.params?.refresh_token : undefined;
    const clientId = oidc?.client?.clientId;
    if (typeof value !== 'string' || clientId === undefined) return;
    const used = await findUsed(value);
    if (used?.grantId === undefined) return;
    const isOfCaller =
      used.clientId === clientId &&
      (used.jkt === undefined || used.jkt === (await thumbprintIn(ctx.get('dpop'))));
    if (!isOfCaller) await endGrant(used.grantId);
  });
}

/** Returns the thumbprint of the key in a DPoP proof; `undefined` if there is none. */
async function thumbprintIn(proof: string): Promise<string | undefined> {
  const [header = ''] = proof.split('.', 1);
  try {
    const { jwk } = parseJson(Buffer.from(header, 'base64url').toString()) as { jwk: JWK };
    return await thumbprint(jwk);
  } catch {
    return undefined;
  }
}

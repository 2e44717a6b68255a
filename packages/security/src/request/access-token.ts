import { API_AUDIENCE, CodedError, type ServiceName } from '@tallystick/contracts';
import * as z from 'zod';
import { mayUse } from '../envelope/checks.ts';
import { defaultPolicy } from '../envelope/claims.ts';
import { plainSignatureHolds } from '../envelope/signature.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { decodeBase64url } from '../parse/base64url.ts';
import { parseJson } from '../parse/json.ts';
import type { SignedToken } from './verified-tokens.ts';

/** The message type that the certificate of a token-signing key must allow. */
export const ACCESS_TOKEN_TYPE = 'access_token';

/** The only producer whose keys sign access tokens: a permission given to another by mistake has no effect. */
const TOKEN_PRODUCER = 'auth' satisfies ServiceName;

/** Maximum lifetime of an access token, in seconds: a stolen one ends soon. */
export const TOKEN_LIFETIME_MAX_S = 15 * 60;

const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

const header = z.object({
  alg: z.enum(['EdDSA', 'Ed25519', 'ES256']),
  typ: z.string().regex(/^(application\/)?at\+jwt$/i),
  kid: z.string().max(64),
  // RFC 7515 §4.1.11: extensions that must be understood, and this code understands none.
  crit: z.never().optional(),
});

const tokenClaims = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(200),
  aud: z.union([z.string(), z.array(z.string())]),
  client_id: z.string().min(1).max(200),
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
  scope: z.string().default(''),
  cnf: z.object({ jkt: z.string() }).optional(),
  // The sign-in and the consent by which the token may be revoked; a client's own token has neither.
  sid: z.string().max(200).optional(),
  grant_id: z.string().max(200).optional(),
  // The person of an operator's token (RFC 9068 §2.2.3.1).
  name: z.string().max(200).optional(),
  roles: z.array(z.string().max(50)).max(20).optional(),
});

/** The subject and the rights of an access token. */
export interface AccessToken {
  /** The customer or operator, or the client if it acts on its own behalf. */
  subject: string;
  clientId: string;
  scopes: ReadonlySet<string>;
  /** RFC 7638 thumbprint of the key that the token is bound to (RFC 9449 §6.1), if any. */
  keyThumbprint: string | undefined;
  issuedAtS: number;
  expiresAtS: number;
  jti: string;
  /** The person of an operator's token, by name and roles. */
  operator: { name: string; roles: readonly string[] } | undefined;
}

/**
 * Verifies a JWT access token (RFC 9068) with auth's token key from the key topic.
 * @param options.atMs the time at which the token must be valid
 * @throws CodedError `token.invalid`, `token.expired`, `token.revoked`, `service.unavailable` without a fresh snapshot of keys
 */
export async function verifyAccessToken(
  token: string,
  options: { keyring: Keyring; issuer: string; atMs: number; clockSkewS?: number },
): Promise<AccessToken> {
  const { keyring, issuer, atMs, clockSkewS = defaultPolicy.clockSkewS } = options;
  if (keyring.freshness === 'ended')
    throw new CodedError('service.unavailable', { detail: 'no fresh snapshot of keys' });
  const known = keyring.verifiedTokens.find(token, (kid) => keyring.find(kid)?.certificate);
  const { claims } = known ?? (await verifySigned(token, keyring));
  if (claims.iss !== issuer) throw new CodedError('token.invalid', { detail: 'issued by another server' });
  requireValidAt({ issuedAtS: claims.iat, expiresAtS: claims.exp }, atMs / 1000, clockSkewS);
  // Also for a request that was signed before: its signer may have dated it back.
  if (keyring.revocations.covers(claims)) throw new CodedError('token.revoked');
  return {
    subject: claims.sub,
    clientId: claims.client_id,
    scopes: new Set(claims.scope.split(' ').filter(Boolean)),
    keyThumbprint: claims.cnf?.jkt,
    issuedAtS: claims.iat,
    expiresAtS: claims.exp,
    jti: claims.jti,
    operator: claims.roles && { name: claims.name ?? claims.sub, roles: claims.roles },
  };
}

/**
 * Requires that a token was valid at a time: when it is used, and when the proof beside it was signed.
 * @throws CodedError `token.invalid`, `token.expired`
 */
export function requireValidAt(
  { issuedAtS, expiresAtS }: Pick<AccessToken, 'issuedAtS' | 'expiresAtS'>,
  atS: number,
  clockSkewS = defaultPolicy.clockSkewS,
): void {
  if (issuedAtS > atS + clockSkewS) throw new CodedError('token.invalid', { detail: 'issued in the future' });
  if (expiresAtS <= atS) throw new CodedError('token.expired');
}

/** Verifies the properties of a token that do not depend on the time, while its key's certificate is unchanged. */
async function verifySigned(token: string, keyring: Keyring): Promise<SignedToken> {
  const parts = COMPACT_JWS.test(token) ? token.split('.') : [];
  const head = header.safeParse(parts.length === 3 ? parseJson(decodeBase64url(parts[0]!)) : undefined);
  if (!head.success) throw new CodedError('token.invalid', { detail: 'not a JWT access token (RFC 9068)' });
  const { kid, alg } = head.data;
  const key = keyring.find(kid);
  if (
    key === undefined ||
    key.producerId !== TOKEN_PRODUCER ||
    key.certificate.status === 'revoked' ||
    !mayUse(key, API_AUDIENCE, ACCESS_TOKEN_TYPE)
  ) {
    throw new CodedError('token.invalid', { detail: 'signed by a key that may not sign tokens' });
  }
  if (!(await plainSignatureHolds(token, alg, key.verifier)))
    throw new CodedError('token.invalid', { detail: 'the signature does not verify' });
  const parsed = tokenClaims.safeParse(parseJson(decodeBase64url(parts[1]!)));
  if (!parsed.success) throw new CodedError('token.invalid', { detail: 'claims are missing' });
  const { aud, iat } = parsed.data;
  if (![aud].flat().includes(API_AUDIENCE))
    throw new CodedError('token.invalid', { detail: 'issued for another audience' });
  if (parsed.data.exp - iat > TOKEN_LIFETIME_MAX_S)
    throw new CodedError('token.invalid', { detail: 'lives longer than 15 minutes' });
  const { nbf, exp: keyEndsAtS, use } = key.certificate;
  if (use !== 'sig' || iat < nbf || iat >= keyEndsAtS) {
    throw new CodedError('token.invalid', { detail: 'signed by a key that was not valid then' });
  }
  const signed = { kid, certificate: key.certificate, claims: parsed.data };
  keyring.verifiedTokens.remember(token, signed);
  return signed;
}

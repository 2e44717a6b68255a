import { API_AUDIENCE, CodedError, type ServiceName } from '@tallystick/contracts';
import { compactVerify } from 'jose';
import * as z from 'zod';
import { mayUse } from '../envelope/open.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { decodeBase64url } from '../parse/base64url.ts';
import { parseJson } from '../parse/parse.ts';

/** The message type that a certificate must allow for the key that signs access tokens. */
export const ACCESS_TOKEN_TYPE = 'access_token';

/** The one producer whose keys sign access tokens: a permission that another was given by mistake makes none. */
const TOKEN_PRODUCER = 'auth' satisfies ServiceName;

const header = z.object({
  alg: z.enum(['EdDSA', 'Ed25519', 'ES256']),
  typ: z.string().regex(/^(application\/)?at\+jwt$/i),
  kid: z.string().max(64),
});

const claims = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1).max(200),
  aud: z.union([z.string(), z.array(z.string())]),
  client_id: z.string().min(1).max(200),
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
  scope: z.string().default(''),
  cnf: z.object({ jkt: z.string() }).optional(),
});

/** Who an access token speaks for, and for what. */
export interface AccessToken {
  /** The customer, or the client where it acts for itself. */
  subject: string;
  clientId: string;
  scopes: ReadonlySet<string>;
  /** RFC 7638 thumbprint of the key that the token is bound to (RFC 9449 §6.1), where it is. */
  keyThumbprint: string | undefined;
  expiresAtS: number;
  jti: string;
}

/**
 * Verifies a JWT access token (RFC 9068) by the key that the key topic certifies for auth and for tokens.
 * @param options.atMs the moment at which the token must be valid
 * @throws CodedError `token.invalid`, `token.expired`
 */
export async function verifyAccessToken(
  token: string,
  options: { keyring: Keyring; issuer: string; atMs: number; clockSkewS?: number },
): Promise<AccessToken> {
  const skewS = options.clockSkewS ?? 30;
  const parts = token.split('.');
  const head = header.safeParse(parts.length === 3 ? parseJson(decodeBase64url(parts[0]!)) : undefined);
  if (!head.success) throw new CodedError('token.invalid', { detail: 'not a JWT access token (RFC 9068)' });
  const key = options.keyring.find(head.data.kid);
  if (
    key === undefined ||
    key.producerId !== TOKEN_PRODUCER ||
    key.certificate.status === 'revoked' ||
    !mayUse(key, API_AUDIENCE, ACCESS_TOKEN_TYPE)
  ) {
    throw new CodedError('token.invalid', { detail: 'signed by a key that may not sign tokens' });
  }
  let payload: unknown;
  try {
    payload = parseJson(
      new TextDecoder().decode(
        (await compactVerify(token, key.publicKey, { algorithms: [head.data.alg] })).payload,
      ),
    );
  } catch (cause) {
    throw new CodedError('token.invalid', { detail: 'the signature does not verify', cause });
  }
  const parsed = claims.safeParse(payload);
  if (!parsed.success) throw new CodedError('token.invalid', { detail: 'claims are missing' });
  const { iss, aud, exp, iat, sub, client_id: clientId, scope, cnf, jti } = parsed.data;
  if (iss !== options.issuer) throw new CodedError('token.invalid', { detail: 'issued by another server' });
  if (![aud].flat().includes(API_AUDIENCE))
    throw new CodedError('token.invalid', { detail: 'issued for another audience' });
  const { nbf, exp: keyEndsAtS, use } = key.certificate;
  if (use !== 'sig' || iat < nbf || iat >= keyEndsAtS) {
    throw new CodedError('token.invalid', { detail: 'signed by a key that was not valid then' });
  }
  const atS = options.atMs / 1000;
  if (iat > atS + skewS) throw new CodedError('token.invalid', { detail: 'issued in the future' });
  if (exp <= atS) throw new CodedError('token.expired');
  return {
    subject: sub,
    clientId,
    scopes: new Set(scope.split(' ').filter(Boolean)),
    keyThumbprint: cnf?.jkt,
    expiresAtS: exp,
    jti,
  };
}

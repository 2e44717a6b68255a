import { CodedError, type OperationDefinition } from '@tallystick/contracts';
import {
  verifyAccessToken,
  verifyProof,
  type AccessToken,
  type DpopProof,
  type Keyring,
} from '@tallystick/security';
import type { Request } from 'express';

/** Longest age of a DPoP proof at the edge, in seconds. */
export const PROOF_AGE_MAX_S = 60;
/** By how much the clocks of clients and servers may differ, in seconds. */
export const CLOCK_SKEW_S = 30;

export interface Caller {
  token: AccessToken;
  /** The token as it was sent. Confidential. */
  tokenText: string;
  proof: DpopProof | undefined;
  /** The proof as it was sent. Confidential. */
  proofText: string | undefined;
}

/**
 * Establishes who calls: verifies the access token, its scope, and the DPoP proof that a bound token or an operation
 * with authority over money needs. A token bound to a key is worth nothing without a proof by that key.
 * @param body the body's text, which the proof of a money-moving request must cover
 * @throws CodedError `token.*`, `dpop.*`
 */
export async function authenticate(
  request: Request,
  operation: OperationDefinition,
  body: string,
  context: { keyring: Keyring; issuer: string; publicUrl: string; nowMs: number },
): Promise<Caller> {
  const { scheme, credentials } = authorizationOf(request);
  const token = await verifyAccessToken(credentials, {
    keyring: context.keyring,
    issuer: context.issuer,
    atMs: context.nowMs,
    clockSkewS: CLOCK_SKEW_S,
  });
  let proof: DpopProof | undefined;
  let proofText: string | undefined;
  if (token.keyThumbprint !== undefined) {
    proofText = proofOf(request, scheme);
    proof = await verifyProof(proofText, {
      method: request.method,
      url: context.publicUrl + request.originalUrl,
      accessToken: credentials,
      keyThumbprint: token.keyThumbprint,
      body: operation.proof === 'dpop' ? body : undefined,
      atMs: context.nowMs,
      ageMaxS: PROOF_AGE_MAX_S,
      clockSkewS: CLOCK_SKEW_S,
    });
  } else if (operation.proof === 'dpop') {
    throw new CodedError('dpop.missing', { detail: 'the access token is not bound to a key (RFC 9449)' });
  }
  if (!token.scopes.has(operation.scope)) {
    throw new CodedError('token.scope_insufficient', { detail: `needs the scope ${operation.scope}` });
  }
  return { token, tokenText: credentials, proof, proofText };
}

function authorizationOf(request: Request): { scheme: string; credentials: string } {
  const header = request.headers.authorization;
  if (header === undefined) throw new CodedError('token.missing');
  const match = /^(Bearer|DPoP) ([A-Za-z0-9._~+/-]+=*)$/i.exec(header);
  if (match === null)
    throw new CodedError('token.invalid', { detail: 'the Authorization header is not well formed' });
  return { scheme: match[1]!.toLowerCase(), credentials: match[2]! };
}

function proofOf(request: Request, scheme: string): string {
  const header = request.headers['dpop'];
  if (scheme !== 'dpop' || header === undefined) {
    throw new CodedError('dpop.missing', {
      detail: 'the access token is bound to a key; send it as DPoP, with a proof by that key',
    });
  }
  if (typeof header !== 'string' || header.includes(','))
    throw new CodedError('dpop.invalid', { detail: 'more than one proof' });
  return header;
}

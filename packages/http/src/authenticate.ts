import { CodedError, type OperationDefinition } from '@tallystick/contracts';
import {
  defaultPolicy,
  requireValidAt,
  verifyAccessToken,
  verifyProof,
  type AccessToken,
  type DpopProof,
  type Keyring,
} from '@tallystick/security';
import type { Request } from 'express';

/** Maximum age of a DPoP proof at the edge, in seconds. */
export const PROOF_AGE_MAX_S = 60;
/** Allowed clock skew between clients and servers, in seconds; the same where the request is evidence. */
export const CLOCK_SKEW_S = defaultPolicy.clockSkewS;

export interface Caller {
  token: AccessToken;
  /** The token as sent. Confidential. */
  tokenText: string;
  proof: DpopProof | undefined;
  /** The proof as sent. Confidential. */
  proofText: string | undefined;
}

/**
 * Authenticates the caller: verifies the access token and the DPoP proof. A token that is bound to a key
 * needs a proof by that key, and so does an operation with authority over money.
 * @param body the text of the body, which the proof of a money-moving request must cover
 * @param context.origin the origin of the operation, which the proof must name
 * @throws CodedError `token.*`, `dpop.*`, `request.invalid` for two tokens
 */
export async function authenticate(
  request: Request,
  operation: OperationDefinition,
  body: string,
  context: { keyring: Keyring; issuer: string; origin: string; nowMs: number },
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
      url: context.origin + request.originalUrl,
      accessToken: credentials,
      keyThumbprint: token.keyThumbprint,
      body: operation.proof === 'dpop' ? body : undefined,
      atMs: context.nowMs,
      ageMaxS: PROOF_AGE_MAX_S,
      clockSkewS: CLOCK_SKEW_S,
    });
    // Who verifies the request as evidence judges the token at the time of the proof.
    if (operation.proof === 'dpop') requireValidAt(token, proof.issuedAtS, CLOCK_SKEW_S);
  } else if (operation.proof === 'dpop') {
    throw new CodedError('dpop.missing', { detail: 'the access token is not bound to a key (RFC 9449)' });
  }
  return { token, tokenText: credentials, proof, proofText };
}

function authorizationOf(request: Request): { scheme: string; credentials: string } {
  const header = request.headers.authorization;
  if (header === undefined) throw new CodedError('token.missing');
  // RFC 6750 §3.1: more than one token is not a request for either. Node keeps the first header.
  if ((request.headersDistinct['authorization'] ?? []).length > 1) {
    throw new CodedError('request.invalid', {
      faults: [{ path: '/header/Authorization', message: 'must be sent once' }],
    });
  }
  // RFC 9110 §11.4: one space or more behind the scheme.
  const match = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)$/i.exec(header);
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

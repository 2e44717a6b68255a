import { createHash } from 'node:crypto';
import { CodedError, newJti } from '@tallystick/contracts';
import type { JWK } from 'jose';
import * as z from 'zod';
import { defaultPolicy } from '../envelope/claims.ts';
import { plainSignatureHolds, signPlain } from '../envelope/signature.ts';
import { jwkThumbprint, publicPart, type SigningKey } from '../keyring/jwk.ts';
import { verifierOf } from '../keyring/signature-key.ts';
import { decodeBase64url, encodeBase64url } from '../parse/base64url.ts';
import { parseJson } from '../parse/json.ts';
import { constantTimeEqual, contentDigest, contentDigestMatches } from './content-digest.ts';
import { ProofKeys, type ProofKey } from './proof-keys.ts';
import { targetUrl } from './target-url.ts';

/** The algorithms of proofs: EdDSA by its two names (RFC 8037, RFC 9864), and ES256. */
export const PROOF_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256'] as const;

const DPOP_TYP = 'dpop+jwt';
const PROOF_CHARS_MAX = 4_096;
const HTU_CHARS_MAX = 2_048;
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

const knownKeys = new ProofKeys();

const coordinate = z.string().max(64);
/** Members that say what a key is for. All others are ignored, except a private key (RFC 7517 §4). */
const purpose = {
  use: z.literal('sig').optional(),
  key_ops: z
    .array(z.string())
    .refine((uses) => uses.includes('verify'))
    .optional(),
  d: z.never().optional(),
};

const header = z.object({
  typ: z.literal(DPOP_TYP),
  alg: z.enum(PROOF_ALGORITHMS),
  jwk: z.discriminatedUnion('kty', [
    z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate, ...purpose }),
    z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate, ...purpose }),
  ]),
  // RFC 7515 §4.1.11: extensions that must be understood, and this code understands none. Others are ignored (§4).
  crit: z.never().optional(),
  // A proof names its key once, by `jwk` (RFC 9449 §4.2); these parameters would name another (RFC 7515 §4.1).
  jku: z.never().optional(),
  kid: z.never().optional(),
  x5u: z.never().optional(),
  x5c: z.never().optional(),
});

const claims = z.looseObject({
  jti: z
    .string()
    .max(128)
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII'),
  htm: z.string(),
  htu: z.string().max(HTU_CHARS_MAX),
  iat: z.number(),
  exp: z.number().optional(),
  nbf: z.number().optional(),
  ath: z.string().optional(),
  content_digest: z.string().max(200).optional(),
});

/** A verified DPoP proof. */
export interface DpopProof {
  jti: string;
  /** RFC 7638 thumbprint of its key. */
  keyThumbprint: string;
  issuedAtS: number;
  method: string;
  /** The target without query and fragment, as the client wrote it. */
  url: string;
}

/**
 * Verifies a DPoP proof (RFC 9449 §4.3) for one request. The caller checks whether its `jti` was used before.
 * @param expected.body if given, the claim `content_digest` must match these bytes
 * @param expected.ageMaxS maximum time from `iat` to `atMs`, in seconds
 * @param expected.isAcceptedBefore whether the edge has accepted the proof: its `exp` may have passed since it was signed
 * @throws CodedError `dpop.invalid`, `dpop.digest_mismatch`
 */
export async function verifyProof(
  proof: string,
  expected: {
    method: string;
    url: string;
    accessToken: string;
    keyThumbprint: string;
    body?: string | Uint8Array | undefined;
    atMs: number;
    ageMaxS: number;
    clockSkewS?: number;
    isAcceptedBefore?: boolean;
  },
): Promise<DpopProof> {
  const refuse = (detail: string, cause?: unknown): CodedError =>
    new CodedError('dpop.invalid', { detail, cause });
  if (proof.length > PROOF_CHARS_MAX) throw refuse(`longer than ${PROOF_CHARS_MAX} characters`);
  const payload = await verifiedPayload(proof, expected.keyThumbprint, refuse);
  const parsed = claims.safeParse(payload);
  if (!parsed.success) throw refuse('claims are missing');
  const { htm, htu, exp, nbf, ath, jti, content_digest: digest } = parsed.data;
  const iat = wholeSeconds(parsed.data.iat);
  if (htm !== expected.method) throw refuse('htm is another method');
  if (!isSameTarget(htu, expected.url)) throw refuse('htu is another URL');
  const atS = expected.atMs / 1000;
  const skewS = expected.clockSkewS ?? defaultPolicy.clockSkewS;
  if (iat > atS + skewS) throw refuse('issued in the future');
  if (iat + expected.ageMaxS < atS) throw refuse('too old');
  // Its own limits, if it has any (RFC 7519 §4.1.4, §4.1.5).
  // One that ends when it begins has no time, also if the client's clock is ahead.
  const validAtS = expected.isAcceptedBefore === true ? iat : Math.max(iat, atS);
  if (exp !== undefined && exp <= validAtS) throw refuse('expired');
  if (nbf !== undefined && nbf > atS + skewS) throw refuse('not valid yet');
  if (ath === undefined || !constantTimeEqual(ath, tokenHash(expected.accessToken)))
    throw refuse('ath is that of another token');
  if (expected.body !== undefined && (digest === undefined || !contentDigestMatches(digest, expected.body))) {
    throw new CodedError('dpop.digest_mismatch', {
      detail:
        digest === undefined
          ? 'the claim content_digest is missing'
          : 'content_digest is that of another body',
    });
  }
  return { jti, keyThumbprint: expected.keyThumbprint, issuedAtS: iat, method: htm, url: htu };
}

async function verifiedPayload(
  proof: string,
  keyThumbprint: string,
  refuse: (detail: string, cause?: unknown) => CodedError,
): Promise<unknown> {
  const parts = COMPACT_JWS.test(proof) ? proof.split('.') : [];
  const key = parts.length === 3 ? keyOf(parts[0]!) : undefined;
  if (key === undefined) throw refuse('not a DPoP proof with a public key');
  if (!constantTimeEqual(key.thumbprint, keyThumbprint)) throw refuse('the token is bound to another key');
  if (!(await plainSignatureHolds(proof, key.alg, key.verifier)))
    throw refuse('the signature does not verify');
  knownKeys.remember(parts[0]!, key);
  return parseJson(decodeBase64url(parts[1]!));
}

/** Returns the key in the header of a proof; `undefined` if it is not the header of a proof. */
function keyOf(headerPart: string): ProofKey | undefined {
  const known = knownKeys.find(headerPart);
  if (known !== undefined) return known;
  const head = header.safeParse(parseJson(decodeBase64url(headerPart)));
  if (!head.success) return undefined;
  const { alg } = head.data;
  const jwk = publicPart(head.data.jwk as JWK);
  try {
    return { alg, thumbprint: jwkThumbprint(jwk), verifier: verifierOf(jwk) };
  } catch {
    // The coordinates of the JWK are not a point on its curve.
    return undefined;
  }
}

/** Returns the second of a time that may have a fraction (RFC 7519 §2, NumericDate). */
export function wholeSeconds(numericDate: number): number {
  return Math.floor(numericDate);
}

function isSameTarget(htu: string, url: string): boolean {
  const target = targetUrl(htu);
  return target !== undefined && target === targetUrl(url);
}

function tokenHash(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest('base64url');
}

/**
 * Creates a DPoP proof, as a client does.
 * @param request.body if given, the proof covers it with the claim `content_digest`
 */
export async function makeProof(
  key: SigningKey,
  request: {
    method: string;
    url: string;
    accessToken?: string;
    body?: string | Uint8Array;
    nowMs: number;
    nonce?: string;
  },
): Promise<string> {
  const payload = {
    jti: newJti(),
    htm: request.method,
    htu: request.url,
    iat: Math.floor(request.nowMs / 1000),
    ...(request.accessToken === undefined ? {} : { ath: tokenHash(request.accessToken) }),
    ...(request.body === undefined ? {} : { content_digest: contentDigest(request.body) }),
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
  };
  const head = { typ: DPOP_TYP, alg: key.alg, jwk: publicPart(key.publicJwk) };
  const signingInput = `${encodeBase64url(JSON.stringify(head))}.${encodeBase64url(JSON.stringify(payload))}`;
  return `${signingInput}.${await signPlain(signingInput, key.signer)}`;
}

import * as DPoP from 'dpop';
import type { CryptoKey, KeyPair } from 'dpop';

/** A public key, as a JWK (RFC 7517). */
export interface PublicJwk {
  kty?: string;
  crv?: string;
  x?: string;
  y?: string;
}

/** The key of a client's DPoP proofs (RFC 9449): its tokens are bound to it. */
export interface DpopKey {
  privateKey: CryptoKey;
  publicJwk: PublicJwk;
}

/** The algorithms of proofs. Every browser has ES256; Ed25519 needs one of 2025 or later, or Node 20. */
export type ProofAlgorithm = 'ES256' | 'Ed25519';

const algorithms = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
  Ed25519: { name: 'Ed25519' },
} as const;

/**
 * Generates a key for proofs.
 * @param options.extractable whether the private key can be exported, to keep it over a restart; defaults to `false`
 */
export async function generateDpopKey(
  algorithm: ProofAlgorithm = 'ES256',
  options: { extractable?: boolean } = {},
): Promise<DpopKey> {
  const { privateKey, publicKey } = await DPoP.generateKeyPair(algorithm, options);
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  return { privateKey, publicJwk: publicPart({ kty, crv, x, y }) };
}

/**
 * Imports a key from a private JWK on P-256 or Ed25519.
 * @throws Error if the JWK is on another curve, or its parts do not match
 */
export async function importDpopKey(jwk: PublicJwk & { d?: string }): Promise<DpopKey> {
  return { privateKey: await importPrivateKey(jwk), publicJwk: publicPart(jwk) };
}

/**
 * Imports a private JWK on P-256 or Ed25519 for signatures.
 * @throws Error if the JWK is on another curve, or its parts do not match
 */
export async function importPrivateKey(jwk: PublicJwk & { d?: string }): Promise<CryptoKey> {
  if (jwk.d === undefined) throw new Error('the JWK has no private part');
  return crypto.subtle.importKey('jwk', { ...publicPart(jwk), d: jwk.d }, algorithmOf(jwk), false, ['sign']);
}

const pairs = new WeakMap<DpopKey, Promise<KeyPair>>();

/** Returns the key as a pair, as the libraries of the protocol take it. */
export function keyPairOf(key: DpopKey): Promise<KeyPair> {
  const known = pairs.get(key);
  if (known !== undefined) return known;
  const pair = importPublicKey(key.publicJwk).then((publicKey) => ({
    privateKey: key.privateKey,
    publicKey,
  }));
  pairs.set(key, pair);
  return pair;
}

/** Computes the RFC 7638 thumbprint of a key, as in the claim `cnf.jkt` of its tokens. */
export async function thumbprintOf(key: DpopKey): Promise<string> {
  const { publicKey } = await keyPairOf(key);
  return DPoP.calculateThumbprint(publicKey);
}

async function importPublicKey(jwk: PublicJwk): Promise<CryptoKey> {
  return crypto.subtle.importKey('jwk', { ...publicPart(jwk) }, algorithmOf(jwk), true, ['verify']);
}

function algorithmOf({ crv }: PublicJwk): (typeof algorithms)[keyof typeof algorithms] {
  if (crv !== 'P-256' && crv !== 'Ed25519') throw new Error(`the curve ${crv} signs no proofs`);
  return algorithms[crv];
}

/** Returns only the members of RFC 7638: further ones, such as `alg`, could contradict the import. */
function publicPart({ kty, crv, x, y }: PublicJwk): PublicJwk {
  return { kty: kty!, crv: crv!, x: x!, ...(y === undefined ? {} : { y }) };
}

import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, type CryptoKey, type JWK } from 'jose';
import * as z from 'zod';
import { ConfigurationError, readPrivateFile, readSettingFile } from '@tallystick/config';
import { parseJson } from '../parse/parse.ts';
import { signerOf, type Signer } from './signature-key.ts';

/** Signature algorithms that envelopes, certificates and proofs may use (RFC 8037, RFC 9864, RFC 7518). */
export const SIGNATURE_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256'] as const;

/** A private key that signs, with the id under which its certificate is known. */
export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  kid: string;
  /** `Ed25519` is the fully specified name of RFC 9864; `EdDSA` (RFC 8037) is still accepted from others. */
  alg: 'Ed25519' | 'ES256';
  privateKey: CryptoKey;
  /** The same key, for signatures of messages. */
  signer: Signer;
  publicJwk: JWK;
}

/** A private key that opens what was encrypted to this service. */
export interface DecryptionKey {
  kid: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

const privateJwk = z.looseObject({
  kty: z.enum(['OKP', 'EC']),
  crv: z.enum(['Ed25519', 'X25519', 'P-256']),
  x: z.string(),
  y: z.string().optional(),
  d: z.string(),
});

/** Only the public members of a JWK, in the order of RFC 7638. */
export function publicPart(jwk: JWK): JWK {
  return jwk.kty === 'EC'
    ? { crv: jwk.crv!, kty: 'EC', x: jwk.x!, y: jwk.y! }
    : { crv: jwk.crv!, kty: jwk.kty!, x: jwk.x! };
}

/** RFC 7638 SHA-256 thumbprint, base64url: the `kid` of a key everywhere. */
export async function thumbprint(jwk: JWK): Promise<string> {
  return calculateJwkThumbprint(publicPart(jwk), 'sha256');
}

/** The same at once, of a key whose members are known to be there. */
export function jwkThumbprint(jwk: JWK): string {
  return createHash('sha256')
    .update(JSON.stringify(publicPart(jwk)))
    .digest('base64url');
}

/** The JOSE algorithm that a signing JWK is used with. */
export function algorithmOf(jwk: JWK): 'Ed25519' | 'ES256' {
  if (jwk.crv === 'Ed25519') return 'Ed25519';
  if (jwk.crv === 'P-256') return 'ES256';
  throw new Error(`no signature algorithm for the curve ${String(jwk.crv)}`);
}

/** Makes a {@link SigningKey} of a private JWK on Ed25519 or P-256. */
export async function importSigningKey(jwk: JWK): Promise<SigningKey> {
  const alg = algorithmOf(jwk);
  const publicJwk = publicPart(jwk);
  const privateKey = (await importJWK({ ...jwk, alg: undefined }, alg)) as CryptoKey;
  return {
    kid: await thumbprint(publicJwk),
    alg,
    privateKey,
    signer: signerOf(jwk),
    publicJwk,
  };
}

/** Makes a {@link DecryptionKey} of a private JWK on X25519 or P-256. */
export async function importDecryptionKey(jwk: JWK): Promise<DecryptionKey> {
  const publicJwk = publicPart(jwk);
  return {
    kid: await thumbprint(publicJwk),
    privateKey: (await importJWK(jwk, 'ECDH-ES')) as CryptoKey,
    publicJwk,
  };
}

/**
 * Reads a private JWK from a file that only its owner may read.
 * @throws ConfigurationError naming the file where it is absent, open to others, or not a private JWK
 */
export async function loadPrivateJwk(file: string): Promise<JWK> {
  const text = await readPrivateFile(file);
  const result = privateJwk.safeParse(parseJson(text));
  if (!result.success)
    throw new ConfigurationError(`${file}: is not a private JWK (RFC 7517) on Ed25519, X25519 or P-256`);
  return result.data as JWK;
}

/**
 * Reads a private key that signs.
 * @throws ConfigurationError as {@link loadPrivateJwk}, and for a key of another kind
 */
export async function loadSigningKey(file: string): Promise<SigningKey> {
  return loadKey(file, ['Ed25519', 'P-256'], importSigningKey);
}

/**
 * Reads a private key that decrypts.
 * @throws ConfigurationError as {@link loadPrivateJwk}, and for a key of another kind
 */
export async function loadDecryptionKey(file: string): Promise<DecryptionKey> {
  return loadKey(file, ['X25519', 'P-256'], importDecryptionKey);
}

async function loadKey<Key>(
  file: string,
  curves: readonly string[],
  toKey: (jwk: JWK) => Promise<Key>,
): Promise<Key> {
  const jwk = await loadPrivateJwk(file);
  if (!curves.includes(jwk.crv!))
    throw new ConfigurationError(`${file}: is a key on ${jwk.crv}, and must be on ${curves.join(' or ')}`);
  try {
    return await toKey(jwk);
  } catch {
    // Its own words may repeat a part of the key.
    throw new ConfigurationError(`${file}: is a JWK whose parts are no key on ${jwk.crv}`);
  }
}

/** Reads the JWK set (RFC 7517 §5) of root public keys that a service pins. */
export async function loadTrustAnchors(file: string): Promise<JWK[]> {
  const text = await readSettingFile(file);
  const schema = z.object({
    keys: z.array(z.looseObject({ kty: z.string(), crv: z.string(), x: z.string() })).min(1),
  });
  const result = schema.safeParse(parseJson(text));
  if (!result.success) throw new ConfigurationError(`${file}: is not a JWK set with at least one key`);
  return result.data.keys as JWK[];
}

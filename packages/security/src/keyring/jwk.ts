import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, type CryptoKey, type JWK } from 'jose';
import * as z from 'zod';
import { ConfigurationError, readPrivateFile, readSettingFile } from '@tallystick/config';
import { parseJson } from '../parse/json.ts';
import { signerOf } from './signature-key.ts';
import type { Signer } from './signer.ts';

/** Signature algorithms that envelopes, certificates and proofs may use (RFC 8037, RFC 9864, RFC 7518). */
export const SIGNATURE_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256'] as const;

/** A private signing key with the id of its certificate. */
export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  kid: string;
  /** `Ed25519` is the fully specified name of RFC 9864; `EdDSA` (RFC 8037) is also accepted from other producers. */
  alg: 'Ed25519' | 'ES256';
  privateKey: CryptoKey;
  /** The same key, for message signatures. */
  signer: Signer;
  publicJwk: JWK;
}

/** A private key that decrypts messages to this service. */
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

/** Returns only the public members of a JWK, in the order of RFC 7638. */
export function publicPart(jwk: JWK): JWK {
  return jwk.kty === 'EC'
    ? { crv: jwk.crv!, kty: 'EC', x: jwk.x!, y: jwk.y! }
    : { crv: jwk.crv!, kty: jwk.kty!, x: jwk.x! };
}

/** Computes the RFC 7638 SHA-256 thumbprint, base64url: the `kid` of a key everywhere. */
export async function thumbprint(jwk: JWK): Promise<string> {
  return calculateJwkThumbprint(publicPart(jwk), 'sha256');
}

/** Computes the thumbprint synchronously, for a key whose members are known to be present. */
export function jwkThumbprint(jwk: JWK): string {
  return createHash('sha256')
    .update(JSON.stringify(publicPart(jwk)))
    .digest('base64url');
}

/** Returns the JOSE algorithm of a signing JWK. */
export function algorithmOf(jwk: JWK): 'Ed25519' | 'ES256' {
  if (jwk.crv === 'Ed25519') return 'Ed25519';
  if (jwk.crv === 'P-256') return 'ES256';
  throw new Error(`no signature algorithm for the curve ${String(jwk.crv)}`);
}

/** Imports a {@link SigningKey} from a private JWK on Ed25519 or P-256. */
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

/** Imports a {@link DecryptionKey} from a private JWK on X25519 or P-256. */
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
 * @throws ConfigurationError that names the file if it is absent, readable by others, or not a private JWK
 */
export async function loadPrivateJwk(file: string): Promise<JWK> {
  const text = await readPrivateFile(file);
  const result = privateJwk.safeParse(parseJson(text));
  if (!result.success)
    throw new ConfigurationError(`${file}: is not a private JWK (RFC 7517) on Ed25519, X25519 or P-256`);
  return result.data as JWK;
}

/**
 * Reads a private signing key.
 * @throws ConfigurationError as {@link loadPrivateJwk}, and for a key of another kind
 */
export async function loadSigningKey(file: string): Promise<SigningKey> {
  return loadKey(file, ['Ed25519', 'P-256'], importSigningKey);
}

/**
 * Reads a private decryption key.
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
    // The original error may repeat a part of the key.
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

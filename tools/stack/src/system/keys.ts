import { mkdirSync, writeFileSync } from 'node:fs';
import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { importSigningKey, publicPart, signCertificate, thumbprint } from '@tallystick/security';

type Jwk = Parameters<typeof importSigningKey>[0];

/** A key pair, each half as a JWK (RFC 7517). */
export interface KeyPair {
  /** RFC 7638 thumbprint of the public half */
  kid: string;
  publicJwk: Jwk;
  privateJwk: Jwk;
}

/** A key pair of this run; only its owner may read the file of the private half. */
export interface GeneratedKey extends KeyPair {
  file: string;
}

const generate = promisify(generateKeyPair) as unknown as (
  type: 'ed25519' | 'x25519',
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>;

/** Generates a pair that signs (Ed25519) or decrypts (X25519). */
export async function makePair(type: 'ed25519' | 'x25519' = 'ed25519'): Promise<KeyPair> {
  const privateJwk = (await generate(type)).privateKey.export({ format: 'jwk' }) as Jwk;
  const publicJwk = publicPart(privateJwk);
  const kid = await thumbprint(publicJwk);
  return { kid, publicJwk, privateJwk: { ...privateJwk, kid } };
}

/** Returns 256 random bits, base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Returns a new key that wraps keys for data at rest, in the form of its file. */
export function newKeyEncryptionKeys(): string {
  return JSON.stringify({ current: 'kek-1', keys: { 'kek-1': randomSecret() } });
}

/** Returns new secrets for cookies, in the form of their file. */
export function newCookieKeys(): string {
  return JSON.stringify([randomSecret()]);
}

/** Generates keys into a directory, whose content ends with the stack and is never committed. */
export class KeyMaker {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = resolve(directory);
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }

  /** Generates a signing key (Ed25519) or an encryption key (X25519). */
  async key(name: string, type: 'ed25519' | 'x25519' = 'ed25519'): Promise<GeneratedKey> {
    const pair = await makePair(type);
    return { ...pair, file: this.secret(`${name}.jwk.json`, JSON.stringify(pair.privateJwk)) };
  }

  /** Writes a file that only its owner may read. @returns its path */
  secret(name: string, content: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }
}

/**
 * Certifies the registrar's key with the root key.
 * @param validity the start, in milliseconds since 1970, and the duration
 */
export function certifyRegistrar(root: KeyPair, { publicJwk }: KeyPair, validity: Validity): Promise<string> {
  return registrarCertificate(root, publicJwk, validity, { status: 'active' });
}

/**
 * Revokes a registrar's key for good, by a certificate of the root key.
 * @param publicJwk the registrar's key
 */
export function revokeRegistrar(root: KeyPair, publicJwk: Jwk, validity: Validity): Promise<string> {
  const revokedSince = Math.floor(validity.nowMs / 1000);
  return registrarCertificate(root, publicJwk, validity, { status: 'revoked', revoked_since: revokedSince });
}

/** Start of a certificate's validity, in milliseconds since 1970, and its duration. */
interface Validity {
  nowMs: number;
  lifetimeS: number;
}

async function registrarCertificate(
  root: KeyPair,
  publicJwk: Jwk,
  { nowMs, lifetimeS }: Validity,
  status: { status: 'active' } | { status: 'revoked'; revoked_since: number },
): Promise<string> {
  const nowS = Math.floor(nowMs / 1000);
  const { kty, crv, x } = publicJwk as { kty: 'OKP'; crv: 'Ed25519'; x: string };
  return signCertificate(
    {
      sub: 'auth',
      iat: nowS,
      nbf: nowS - 60,
      exp: nowS + lifetimeS,
      cnf: { jwk: { kty, crv, x } },
      use: 'sig',
      role: 'registrar',
      permissions: [{ topic: 'auth.keys.v1', types: ['certificate', 'snapshot'] }],
      ...status,
    },
    await importSigningKey(root.privateJwk),
  );
}

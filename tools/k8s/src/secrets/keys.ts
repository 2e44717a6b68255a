import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
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

const generate = promisify(generateKeyPair) as unknown as (
  type: 'ed25519' | 'x25519',
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>;

const CERTIFICATE_LIFETIME_S = 365 * 86_400;

/** Makes a pair that signs (Ed25519) or decrypts (X25519). */
export async function makePair(type: 'ed25519' | 'x25519' = 'ed25519'): Promise<KeyPair> {
  const privateJwk = (await generate(type)).privateKey.export({ format: 'jwk' }) as Jwk;
  const publicJwk = publicPart(privateJwk);
  const kid = await thumbprint(publicJwk);
  return { kid, publicJwk, privateJwk: { ...privateJwk, kid } };
}

/** 256 bits that nobody can guess, base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * The root key's certificate of the registrar's key, good for a year.
 * @param nowMs when it is made, in milliseconds since 1970
 */
export function certifyRegistrar(root: KeyPair, registrar: KeyPair, nowMs: number): Promise<string> {
  return signed(root, registrar.publicJwk, nowMs, { status: 'active' });
}

/**
 * The root key's statement that a registrar's key is trusted no longer, for good.
 * @param publicJwk the registrar's key
 * @param nowMs when it is made, in milliseconds since 1970
 */
export function revokeRegistrar(root: KeyPair, publicJwk: Jwk, nowMs: number): Promise<string> {
  return signed(root, publicJwk, nowMs, { status: 'revoked', revoked_since: Math.floor(nowMs / 1000) });
}

async function signed(
  root: KeyPair,
  publicJwk: Jwk,
  nowMs: number,
  status: { status: 'active' } | { status: 'revoked'; revoked_since: number },
): Promise<string> {
  const nowS = Math.floor(nowMs / 1000);
  const { kty, crv, x } = publicJwk as { kty: 'OKP'; crv: 'Ed25519'; x: string };
  return signCertificate(
    {
      sub: 'auth',
      iat: nowS,
      nbf: nowS - 60,
      exp: nowS + CERTIFICATE_LIFETIME_S,
      cnf: { jwk: { kty, crv, x } },
      use: 'sig',
      role: 'registrar',
      permissions: [{ topic: 'auth.keys.v1', types: ['certificate', 'snapshot'] }],
      ...status,
    },
    await importSigningKey(root.privateJwk),
  );
}

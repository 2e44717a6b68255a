import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Permission, CertificateClaims } from '@tallystick/contracts';
import type { JWK } from 'jose';

import {
  certificateDigest,
  importDecryptionKey,
  importSigningKey,
  Keyring,
  publicPart,
  signCertificate,
  signSnapshot,
  thumbprint,
  type AcceptedSnapshot,
  type KeyringAlarm,
  type SigningKey,
} from '../src/index.ts';
import { testPrivateJwk } from './test-keys.ts';

/** The time of all tests of this package. */
export const nowS = 1_764_000_000;
export const nowMs = nowS * 1000;
export const hourS = 3_600;
/** When the snapshots of a test registrar were signed. */
const snapshotIatS = nowS - 60;
/** When a snapshot that expires in an hour no longer counts: after three of its lifetimes. */
export const snapshotEndS = snapshotIatS + 3 * (nowS + hourS - snapshotIatS);
export const dayS = 86_400;

/** The permissions of a third party, with one undefined type. */
export const orderPermissions: Permission[] = [
  { topic: 'payment.commands.v1', types: ['payment.create', 'payment.capture', 'payment.invented'] },
  { topic: 'card.commands.v1', types: ['card.tokenize'] },
];

/** A test key with access to its private part. */
export interface TestKey extends SigningKey {
  keyObject: KeyObject;
}

export async function signingKey(name: string, crv: 'Ed25519' | 'P-256' = 'Ed25519'): Promise<TestKey> {
  const jwk = testPrivateJwk(name, crv);
  return {
    ...(await importSigningKey(jwk)),
    keyObject: createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' }),
  };
}

export const decryptionKey = (name: string) => importDecryptionKey(testPrivateJwk(name, 'X25519'));

/** Builds the claims of a currently valid certificate for a key. */
export function certificateOf(publicJwk: JWK, changes: Partial<CertificateClaims> = {}): CertificateClaims {
  return {
    sub: 'acme',
    iat: nowS - 10 * dayS,
    nbf: nowS - 10 * dayS,
    exp: nowS + 30 * dayS,
    cnf: { jwk: publicPart(publicJwk) as CertificateClaims['cnf']['jwk'] },
    use: 'sig',
    role: 'producer',
    permissions: orderPermissions,
    status: 'active',
    ...changes,
  };
}

/** A root, a registrar that it certified, and functions that create the registrar's records. */
export interface Registrar {
  root: SigningKey;
  key: SigningKey;
  /** The root's certificate of the registrar. */
  certificate: string;
  certify(publicJwk: JWK, changes?: Partial<CertificateClaims>): Promise<string>;
  snapshot(
    version: number,
    certificates: readonly string[],
    changes?: { exp?: number; origins?: string[] },
  ): Promise<string>;
}

export async function testRegistrar(name = ''): Promise<Registrar> {
  const root = await signingKey(`root${name}`);
  const key = await signingKey(`registrar${name}`);
  return {
    root,
    key,
    certificate: await signCertificate(
      certificateOf(key.publicJwk, { sub: 'auth', role: 'registrar', permissions: [] }),
      root,
    ),
    certify: (publicJwk, changes) => signCertificate(certificateOf(publicJwk, changes), key),
    async snapshot(version, certificates, { exp = nowS + hourS, origins } = {}) {
      const digests: Record<string, string> = {};
      for (const certificate of certificates) {
        digests[await certifiedKid(certificate)] = certificateDigest(certificate);
      }
      return signSnapshot({ version, iat: snapshotIatS, exp, certificates: digests, origins }, key);
    },
  };
}

async function certifiedKid(certificate: string): Promise<string> {
  const { cnf } = JSON.parse(
    Buffer.from(certificate.split('.')[1] ?? '', 'base64url').toString(),
  ) as CertificateClaims;
  return thumbprint(cnf.jwk as JWK);
}

/** Creates a keyring that has read `records`, with a settable clock and the raised alarms. */
export async function keyringOf(
  registrar: Registrar,
  records: readonly string[],
  accepted?: AcceptedSnapshot,
): Promise<{ keyring: Keyring; alarms: KeyringAlarm[]; clock: { nowS: number } }> {
  const alarms: KeyringAlarm[] = [];
  const clock = { nowS };
  const keyring = await Keyring.create({
    trustAnchors: [registrar.root.publicJwk],
    now: () => clock.nowS * 1000,
    onAlarm: (alarm) => alarms.push(alarm),
    accepted,
  });
  for (const record of records) await keyring.take(record);
  keyring.endOfPast();
  return { keyring, alarms, clock };
}

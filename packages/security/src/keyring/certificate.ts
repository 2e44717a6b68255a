import {
  CERTIFICATE_TYP,
  certificateClaims,
  REVOCATION_TYP,
  revocationClaims,
  SNAPSHOT_TYP,
  snapshotClaims,
  type CertificateClaims,
  type RevocationClaims,
  type SnapshotClaims,
} from '@tallystick/contracts';
import { CompactSign } from 'jose';
import type { SigningKey } from './jwk.ts';

/** Signs a certificate: with the root key for a registrar, with the registrar's key for a producer. */
export function signCertificate(claims: CertificateClaims, signer: SigningKey): Promise<string> {
  return sign(CERTIFICATE_TYP, certificateClaims.parse(claims), signer);
}

/** Signs a snapshot with the registrar's key. */
export function signSnapshot(claims: SnapshotClaims, registrar: SigningKey): Promise<string> {
  return sign(SNAPSHOT_TYP, snapshotClaims.parse(claims), registrar);
}

/** Signs a revocation with the registrar's key. */
export function signRevocation(claims: RevocationClaims, registrar: SigningKey): Promise<string> {
  return sign(REVOCATION_TYP, revocationClaims.parse(claims), registrar);
}

function sign(typ: string, claims: object, { privateKey, alg, kid }: SigningKey): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg, typ, kid })
    .sign(privateKey);
}

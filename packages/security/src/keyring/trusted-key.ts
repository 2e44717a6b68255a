import type { CertificateClaims } from '@tallystick/contracts';
import type { CryptoKey, JWK } from 'jose';
import type { Verifier } from './signer.ts';

/** A key that the current snapshot lists. */
export interface TrustedKey {
  kid: string;
  producerId: string;
  publicKey: CryptoKey;
  /** The same key, for message signatures. */
  verifier: Verifier;
  publicJwk: JWK;
  certificate: CertificateClaims;
}

/** A problem for an operator. `detail` names the fault; an alarm never makes a key trusted. */
export interface KeyringAlarm {
  kind:
    | 'record_refused'
    | 'snapshot_rollback'
    | 'snapshot_conflict'
    | 'snapshot_expired'
    | 'certificate_missing'
    | 'registrar_revoked';
  detail: string;
}

/**
 * How far the trusted keys can be relied on. `fresh`: the snapshot is valid. `stale`: it has expired, so an operator must
 * act. `ended`: no snapshot counts; commands, evidence and tokens are refused.
 */
export type KeyringFreshness = 'fresh' | 'stale' | 'ended';

/** The newest snapshot that a process accepted, as it is remembered over a restart. */
export interface AcceptedSnapshot {
  version: number;
  /** SHA-256 of the snapshot's text, base64url */
  digest: string;
  /** the registrar that signed it */
  registrarKid: string;
}

import {
  CERTIFICATE_TYP,
  SNAPSHOT_TYP,
  type CertificateClaims,
  type SnapshotClaims,
} from '@tallystick/contracts';
import { thumbprint, type SigningKey } from '@tallystick/security';
import { decode } from '../../forge/jws.ts';
import type { World } from '../../target/world.ts';

/** A genuine snapshot. */
export interface Snapshot {
  text: string;
  claims: SnapshotClaims;
}

/** Returns the snapshots that were on the key topic before the attacks, oldest first. */
export function snapshotsOf({ keyRecords }: World): Snapshot[] {
  return keyRecords
    .filter((text) => decode(text, 0)['typ'] === SNAPSHOT_TYP)
    .map((text) => ({ text, claims: decode(text, 1) as unknown as SnapshotClaims }))
    .toSorted((a, b) => a.claims.version - b.claims.version);
}

/** Returns the genuine certificate of a key in a status. @throws Error if the topic had none */
export async function certificateOf(
  { keyRecords }: World,
  kid: string,
  status: CertificateClaims['status'],
): Promise<string> {
  for (const text of keyRecords) {
    if (decode(text, 0)['typ'] !== CERTIFICATE_TYP) continue;
    const claims = decode(text, 1) as unknown as CertificateClaims;
    if (claims.status === status && (await thumbprint(claims.cnf.jwk)) === kid) return text;
  }
  throw new Error(`the key topic has no ${status} certificate of this key`);
}

/** Returns the claims of a certificate as the attacker wants it: every right of the payment service. */
export function wantedCertificate(
  key: SigningKey,
  changes: Partial<CertificateClaims> = {},
): CertificateClaims {
  const nowS = Math.floor(Date.now() / 1_000);
  return {
    sub: 'payment',
    iat: nowS,
    nbf: nowS - 60,
    exp: nowS + 86_400,
    cnf: { jwk: key.publicJwk as CertificateClaims['cnf']['jwk'] },
    use: 'sig',
    role: 'producer',
    permissions: [{ topic: 'account.commands.v1', types: ['account.hold.place', 'account.transfer.create'] }],
    status: 'active',
    ...changes,
  };
}

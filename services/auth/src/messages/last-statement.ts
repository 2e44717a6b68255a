import { keyringOfLastStatement } from '@tallystick/security';
import type { JWK } from 'jose';
import type { ProducerKey } from '../domain/producer-key.ts';

/** The registrar's last statement about all keys. */
export interface LastStatement {
  version: number;
  keys: ProducerKey[];
}

/**
 * Returns the last statement in the records of the key topic, verified at its own time.
 * @returns `undefined` if there is none
 */
export async function lastStatement(
  keyRecords: readonly string[],
  trustAnchors: readonly JWK[],
): Promise<LastStatement | undefined> {
  const keyring = await keyringOfLastStatement(keyRecords, { trustAnchors });
  if (keyring === undefined) return undefined;
  return {
    version: keyring.version,
    keys: keyring.keys.map(({ kid, producerId, certificate: { cnf, use, permissions, ...claims } }) => ({
      kid,
      producerId,
      publicJwk: cnf.jwk,
      use,
      permissions,
      batch: claims.batch === true,
      notBeforeS: claims.nbf,
      expiresAtS: claims.exp,
      status: claims.status,
      revokedSinceS: claims.revoked_since,
    })),
  };
}

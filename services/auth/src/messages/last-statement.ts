import { claimed, Keyring } from '@tallystick/security';
import type { JWK } from 'jose';
import type { ProducerKey } from '../domain/producer-key.ts';

/** The registrar's last statement about all keys. */
export interface LastStatement {
  version: number;
  keys: ProducerKey[];
}

/**
 * Returns the last statement in the records of the key topic. Its signatures are verified as by any reader, but at the
 * time of the statement: it may have expired while the registrar was down.
 * @returns `undefined` if there is none
 */
export async function lastStatement(
  keyRecords: readonly string[],
  trustAnchors: readonly JWK[],
): Promise<LastStatement | undefined> {
  for (const saidAtS of momentsOf(keyRecords)) {
    const keyring = await Keyring.create({ trustAnchors, now: () => saidAtS * 1_000 });
    for (const record of keyRecords) await keyring.take(record);
    if (keyring.version > 0)
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
  return undefined;
}

/** Returns the claimed signing times of the snapshots among the records, latest first. */
function momentsOf(keyRecords: readonly string[]): number[] {
  return keyRecords
    .flatMap((record) => {
      // Anyone may have written the record: an unreadable one is ignored.
      const { iat, version } = claimed(Buffer.from(record));
      return typeof iat === 'number' && typeof version === 'number' ? [iat] : [];
    })
    .sort((a, b) => b - a);
}

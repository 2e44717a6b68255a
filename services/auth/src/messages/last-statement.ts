import { claimed, Keyring } from '@tallystick/security';
import type { JWK } from 'jose';
import type { ProducerKey } from '../domain/producer-key.ts';

/** What the registrar said last of all keys. */
export interface LastStatement {
  version: number;
  keys: ProducerKey[];
}

/**
 * The last statement that the records of the key topic make. Each of its signatures is checked, as by any reader, but at
 * the time of the statement: it may have run out while the registrar was away.
 * @returns `undefined` where there is none
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

/** When the snapshots among the records claim to have been signed, the latest first. */
function momentsOf(keyRecords: readonly string[]): number[] {
  return keyRecords
    .flatMap((record) => {
      // Anybody may have written it: a record that cannot be read says nothing.
      const { iat, version } = claimed(Buffer.from(record));
      return typeof iat === 'number' && typeof version === 'number' ? [iat] : [];
    })
    .sort((a, b) => b - a);
}

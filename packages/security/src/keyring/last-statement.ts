import type { JWK } from 'jose';
import { claimed } from '../envelope/claimed.ts';
import { Keyring } from './keyring.ts';
import type { AcceptedSnapshot } from './trusted-key.ts';

/**
 * Builds a keyring as of the registrar's last statement in the records of the key topic. Its signatures are verified as by
 * any reader, but at the time of the statement: it may have expired while the registrar was down.
 * @param records of the key topic, in its order
 * @param options.accepted the newest snapshot that somebody accepted: an older one does not count
 * @returns `undefined` if no statement counts
 */
export async function keyringOfLastStatement(
  records: readonly string[],
  options: { trustAnchors: readonly JWK[]; accepted?: AcceptedSnapshot | undefined },
): Promise<Keyring | undefined> {
  for (const saidAtS of momentsOf(records)) {
    const keyring = await Keyring.create({ ...options, now: () => saidAtS * 1_000 });
    for (const record of records) await keyring.take(record);
    if (keyring.version > 0) return keyring;
  }
  return undefined;
}

/** Returns the claimed signing times of the snapshots among the records, latest first, each once. */
function momentsOf(records: readonly string[]): number[] {
  const moments = records.flatMap((record) => {
    // Anyone may have written the record: an unreadable one is ignored.
    const { iat, version } = claimed(Buffer.from(record));
    return typeof iat === 'number' && typeof version === 'number' ? [iat] : [];
  });
  return [...new Set(moments)].sort((a, b) => b - a);
}

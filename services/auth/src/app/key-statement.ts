import type { OutgoingRecord } from '@tallystick/messaging';
import type { Queryable } from '@tallystick/postgres';
import { certificateDigest, signSnapshot, type SigningKey } from '@tallystick/security';
import { snapshotOf } from '../domain/producer-key.ts';
import { keyRecords } from '../messages/key-records.ts';
import { listAllowedOrigins } from '../store/access.ts';
import { listKeys } from '../store/producer-keys.ts';

/**
 * Signs a snapshot of all keys in the database.
 * @param registrar the key that signs, and its certificate, signed by the root key
 * @param at the version of the snapshot and its time, in seconds since 1970
 * @returns the records of the key topic that state it: the registrar's certificate, those of the keys, the snapshot
 */
export async function keyStatement(
  db: Queryable,
  registrar: { key: SigningKey; certificate: string },
  { version, nowS }: { version: number; nowS: number },
  topicPrefix: string,
): Promise<OutgoingRecord[]> {
  const certificates = (await listKeys(db)).map(({ key, certificate }) => ({ kid: key.kid, certificate }));
  const digests = Object.fromEntries(
    certificates.map(({ kid, certificate }) => [kid, certificateDigest(certificate)]),
  );
  const origins = await listAllowedOrigins(db);
  const snapshot = await signSnapshot(snapshotOf({ digests, origins }, version, nowS), registrar.key);
  return keyRecords(
    {
      registrar: { kid: registrar.key.kid, certificate: registrar.certificate },
      certificates,
      snapshot,
    },
    topicPrefix,
  );
}

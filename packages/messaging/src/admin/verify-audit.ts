import { ConfigurationError } from '@tallystick/config';
import { verifyChain, type ChainFault } from '@tallystick/audit';
import { KEY_TOPIC, replayGroupOf, type ServiceName } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import { keyringOfLastStatement, type SigningKey } from '@tallystick/security';
import type { Kafka } from '../kafka.ts';
import { findAcceptedSnapshot } from '../keys/accepted-snapshot.ts';
import { readToldAudit, type ToldFault } from './read-told-audit.ts';
import { rangesSince, readRanges } from '../replay/read-ranges.ts';

/** The result of a verification: all entries fit, or the first that does not. */
export type AuditVerdict =
  { isIntact: true; entries: number; compared: number } | ({ isIntact: false } & (ChainFault | ToldFault));

export interface AuditToVerify {
  service: ServiceName;
  topicPrefix: string;
  /** Public JWKs of the root keys. */
  trustAnchors: readonly SigningKey['publicJwk'][];
}

/**
 * Verifies the audit chain of a service against itself and against its topic, where it was told and signed. An entry that
 * somebody changed or deleted in the database no longer has the hash that the topic has, and nobody else can sign one.
 * @throws ConfigurationError if the key topic has no snapshot that counts for these root keys
 */
export async function verifyAudit(
  db: Queryable,
  kafka: Kafka,
  { service, topicPrefix, trustAnchors }: AuditToVerify,
): Promise<AuditVerdict> {
  const group = topicPrefix + replayGroupOf(service);
  const keyRecords: string[] = [];
  await readAll(kafka, group, topicPrefix + KEY_TOPIC, ({ value }) => {
    if (value !== null) keyRecords.push(value.toString('utf8'));
  });
  const accepted = await findAcceptedSnapshot(db);
  const keyring = await keyringOfLastStatement(keyRecords, { trustAnchors, accepted });
  if (keyring === undefined)
    throw new ConfigurationError(
      `${KEY_TOPIC}: has no snapshot that counts for the keys of TRUST_ANCHORS_FILE`,
    );

  const told = await readToldAudit(kafka, { service, topicPrefix, keyring, group, isWhole: false });
  if ('fault' in told) return { isIntact: false, ...told };
  const { hashes } = told;
  const verdict = await verifyChain(db, hashes);
  if ('fault' in verdict) return { isIntact: false, ...verdict };
  return { isIntact: true, entries: verdict.seq, compared: hashes.size };
}

interface KeyRecord {
  value: Buffer | null;
}

/** Reads a topic from its beginning to its present end, in the order of its one partition. */
async function readAll(
  kafka: Kafka,
  group: string,
  topic: string,
  take: (record: KeyRecord) => void,
): Promise<void> {
  await readRanges(kafka, group, await rangesSince(kafka, [topic], 0), (_topic, record) => take(record));
}

import { ConfigurationError } from '@tallystick/config';
import { verifyChain, type ChainFault } from '@tallystick/audit';
import { KEY_TOPIC, replayGroupOf, type ErrorCode, type ServiceName } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import { claimed, keyringOfLastStatement, type SigningKey } from '@tallystick/security';
import * as z from 'zod';
import type { Kafka } from '../kafka.ts';
import { findAcceptedSnapshot } from '../keys/accepted-snapshot.ts';
import { openAsSigned } from './open-as-signed.ts';
import { rangesSince, readRanges } from '../replay/read-ranges.ts';

/** A record of the topic that the service did not sign, or that contradicts an earlier one. */
export interface ToldFault {
  /** The place that it claims; absent if it claims none. */
  seq?: number | undefined;
  fault: 'not_signed' | 'told_twice';
  /** Where it is on the topic. */
  offset: string;
  /** Why its signature does not count. */
  code?: ErrorCode | undefined;
}

/** The result of a verification: all entries fit, or the first that does not. */
export type AuditVerdict =
  { isIntact: true; entries: number; compared: number } | ({ isIntact: false } & (ChainFault | ToldFault));

export interface AuditToVerify {
  service: ServiceName;
  topicPrefix: string;
  /** Public JWKs of the root keys. */
  trustAnchors: readonly SigningKey['publicJwk'][];
}

const place = z.object({ seq: z.int().min(1), hash: z.string() });

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

  const topic = `${topicPrefix}${service}.audit.v1`;
  const hashes = new Map<number, string>();
  let fault: ToldFault | undefined;
  await readAll(kafka, group, topic, async ({ key, value, offset }) => {
    if (fault !== undefined) return;
    const record = { topic, key: key?.toString('utf8') ?? null, value };
    const opened = await openAsSigned(record, { keyring, topicPrefix });
    if (!opened.ok || opened.message.claims.iss !== service) {
      const code = opened.ok ? 'envelope.issuer_mismatch' : opened.refusal.code;
      fault = { seq: claimedPlace(value), fault: 'not_signed', offset, code };
      return;
    }
    const { seq, hash } = place.parse(opened.message.data);
    const known = hashes.get(seq);
    // The outbox may publish a record twice, but it says the same.
    if (known !== undefined && known !== hash) fault = { seq, fault: 'told_twice', offset };
    hashes.set(seq, hash);
  });
  if (fault !== undefined) return { isIntact: false, ...fault };
  const verdict = await verifyChain(db, hashes);
  if ('fault' in verdict) return { isIntact: false, ...verdict };
  return { isIntact: true, entries: verdict.seq, compared: hashes.size };
}

interface ToldRecord {
  key: Buffer | null;
  value: Buffer | null;
  offset: string;
}

/** Reads a topic from its beginning to its present end, in the order of its one partition. */
async function readAll(
  kafka: Kafka,
  group: string,
  topic: string,
  take: (record: ToldRecord) => void | Promise<void>,
): Promise<void> {
  await readRanges(kafka, group, await rangesSince(kafka, [topic], 0), (_topic, record) => take(record));
}

function claimedPlace(value: Buffer | null): number | undefined {
  const told = z.object({ data: place.pick({ seq: true }) }).safeParse(claimed(value));
  return told.success ? told.data.data.seq : undefined;
}

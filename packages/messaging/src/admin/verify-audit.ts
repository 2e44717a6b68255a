import { verifyChain, type ChainFault } from '@tallystick/audit';
import type { Queryable } from '@tallystick/postgres';
import { claimed } from '@tallystick/security';
import * as z from 'zod';
import type { Kafka } from '../kafka.ts';
import { rangesSince, readRanges } from '../replay/read-ranges.ts';

/** The result of a verification: all entries fit, or the first that does not. */
export type AuditVerdict =
  { isIntact: true; entries: number; compared: number } | ({ isIntact: false } & ChainFault);

const told = z.object({ data: z.object({ seq: z.int(), hash: z.string() }) });

/**
 * Verifies the audit chain of a service against itself and against its topic, where it was told. An entry that somebody
 * changed or deleted in the database no longer has the hash that the topic has.
 * @param topic of the audit, with its prefix
 * @param group prefix of the consumer group that reads it
 */
export async function verifyAudit(
  db: Queryable,
  kafka: Kafka,
  { topic, group }: { topic: string; group: string },
): Promise<AuditVerdict> {
  const hashes = new Map<number, string>();
  await readRanges(kafka, group, await rangesSince(kafka, [topic], 0), (_topic, { value }) => {
    const entry = told.safeParse(value === null ? undefined : claimed(value));
    if (entry.success) hashes.set(entry.data.data.seq, entry.data.data.hash);
  });
  const verdict = await verifyChain(db, hashes);
  if ('fault' in verdict) return { isIntact: false, ...verdict };
  return { isIntact: true, entries: verdict.seq, compared: hashes.size };
}

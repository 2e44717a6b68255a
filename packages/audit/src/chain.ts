import { auditEntry, type AuditEntry } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import { CHAIN_START, hashOf } from './content.ts';

/** An entry in its place in the chain. */
export interface LinkedEntry {
  seq: number;
  hash: Buffer;
  entryId: string;
  content: string;
}

interface LinkRow {
  seq: string;
  hash: Buffer;
  entry_id: string;
  content: string;
}

const linkedOf = ({ seq, hash, entry_id, content }: LinkRow): LinkedEntry => ({
  seq: Number(seq),
  hash,
  entryId: entry_id,
  content,
});

/** Reads the chain after a place, in order. */
export async function readChain(db: Queryable, after: number, limit: number): Promise<LinkedEntry[]> {
  const { rows } = await db.query<LinkRow>({
    name: 'audit_chain_read',
    text: `SELECT seq, hash, entry_id, content FROM audit_link JOIN audit_entry USING (entry_id)
           WHERE seq > $1 ORDER BY seq LIMIT $2`,
    values: [after, limit],
  });
  return rows.map(linkedOf);
}

/** Which entries a list shows. */
export interface AuditFilter {
  actor?: string | undefined;
  object?: string | undefined;
  action?: string | undefined;
}

/**
 * Lists entries, newest first.
 * @param before shows entries before this place in the chain
 */
export async function listEntries(
  db: Queryable,
  { actor, object, action }: AuditFilter,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<LinkedEntry[]> {
  const { rows } = await db.query<LinkRow>(
    `SELECT seq, hash, entry_id, content FROM audit_link JOIN audit_entry USING (entry_id)
     WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR object = $2) AND ($3::text IS NULL OR action = $3)
       AND ($4::bigint IS NULL OR seq < $4) ORDER BY seq DESC LIMIT $5`,
    [actor ?? null, object ?? null, action ?? null, before ?? null, limit],
  );
  return rows.map(linkedOf);
}

/** Reads the entry in a content. */
export function entryIn(content: string): AuditEntry {
  return auditEntry.parse(JSON.parse(content));
}

/** The first entry of a chain that does not fit. */
export interface ChainFault {
  seq: number;
  /** Absent if the entry is. */
  entryId: string | undefined;
  fault: 'missing' | 'changed' | 'not_linked' | 'not_as_told';
}

/** The end of a chain. */
export interface ChainEnd {
  /** Its length: the place of the last entry. */
  seq: number;
  hash: Buffer;
}

export const EMPTY_CHAIN: ChainEnd = { seq: 0, hash: CHAIN_START };

/**
 * Follows the chain over further entries.
 * @param entries in the order of their places
 * @param told the hashes on the topic, by place; a place that it lacks is not compared
 * @returns the new end, or the first entry that does not fit
 */
export function followChain(
  end: ChainEnd,
  entries: readonly LinkedEntry[],
  told: ReadonlyMap<number, string>,
): ChainEnd | ChainFault {
  let { seq, hash } = end;
  for (const entry of entries) {
    if (entry.seq !== seq + 1) return { seq: seq + 1, entryId: undefined, fault: 'missing' };
    hash = hashOf(hash, entry.content);
    seq = entry.seq;
    const { entryId } = entry;
    const heard = told.get(seq);
    if (!entry.hash.equals(hash)) return { seq, entryId, fault: 'changed' };
    if (heard !== undefined && heard !== hash.toString('hex')) return { seq, entryId, fault: 'not_as_told' };
  }
  return { seq, hash };
}

const READ_ENTRIES = 1_000;

/**
 * Verifies the chain in a database.
 * @param told the hashes on the service's topic, by place
 * @param onProgress gets the number of verified entries from time to time
 * @returns the end of the chain, or the first entry that does not fit
 */
export async function verifyChain(
  db: Queryable,
  told: ReadonlyMap<number, string>,
  onProgress: (entries: number) => void = () => undefined,
): Promise<ChainEnd | ChainFault> {
  let end = EMPTY_CHAIN;
  for (;;) {
    const entries = await readChain(db, end.seq, READ_ENTRIES);
    if (entries.length === 0) break;
    const next = followChain(end, entries, told);
    if ('fault' in next) return next;
    end = next;
    onProgress(end.seq);
  }
  const lost = Math.max(0, ...told.keys());
  if (lost > end.seq) return { seq: end.seq + 1, entryId: undefined, fault: 'missing' };
  const { rows } = await db.query<{ entry_id: string }>(
    `SELECT entry_id FROM audit_entry LEFT JOIN audit_link USING (entry_id) WHERE seq IS NULL ORDER BY entry_id LIMIT 1`,
  );
  return rows[0] === undefined ? end : { seq: end.seq + 1, entryId: rows[0].entry_id, fault: 'not_linked' };
}

import type { Queryable } from '@tallystick/postgres';
import type { EvidenceSummary } from './evidence-summary.ts';
import type { Storable } from './storable-fields.ts';

/** A record as the index shows it. */
export interface FoundRecord {
  topic: string;
  partition: number;
  offset: bigint;
  recordedAt: Date;
  key: string | null;
  type: string | null;
  version: number | null;
  issuer: string | null;
  kid: string | null;
  jti: string | null;
  txn: string | null;
  cause: string | null;
  traceId: string | null;
  failedCheck: string | null;
  code: string | null;
  detail: string | null;
  isEncrypted: boolean;
  evidence: EvidenceSummary | null;
  facts: Storable | null;
  valueBytes: number;
}

const COLUMNS = `r.topic, r.partition, r.record_offset AS "offset", r.recorded_at AS "recordedAt", r.record_key AS key, r.type,
  r.version, r.issuer, r.kid, r.jti, r.txn, r.cause, r.trace_id AS "traceId", r.failed_check AS "failedCheck", r.code, r.detail,
  r.is_encrypted AS "isEncrypted", r.evidence, r.facts, r.value_bytes AS "valueBytes"`;

/** Records that one answer shows. */
export const FOUND_MAX = 200;
/** An id in more transactions than these is one of a party, and not of a payment. */
const TRANSACTIONS_MAX = 5;

/**
 * Finds the records with an id: a payment, end-to-end id, hold, account, producer, trace and so on. If they belong to few
 * transactions, it finds all records of these.
 * @param before shows records before this place only, for the next page
 * @returns the newest {@link FOUND_MAX}, oldest first
 */
export async function findRecords(
  on: Queryable,
  id: string,
  { limit = FOUND_MAX, before }: { limit?: number; before?: Date | undefined } = {},
): Promise<FoundRecord[]> {
  const { rows } = await on.query<FoundRecord>(
    `WITH direct AS (
       SELECT record_no FROM indexed_id WHERE id = $1 AND recorded_at < $3
       ORDER BY recorded_at DESC, record_no DESC LIMIT $2),
     txn AS (
       SELECT DISTINCT txn FROM indexed_record WHERE record_no IN (SELECT record_no FROM direct) AND txn IS NOT NULL
       LIMIT ${TRANSACTIONS_MAX + 1}),
     related AS (
       SELECT one.record_no FROM txn CROSS JOIN LATERAL (
         SELECT record_no FROM indexed_id WHERE id = txn.txn AND recorded_at < $3
         ORDER BY recorded_at DESC, record_no DESC LIMIT $2) AS one
       WHERE (SELECT count(*) FROM txn) <= ${TRANSACTIONS_MAX}),
     found AS (SELECT record_no FROM direct UNION SELECT record_no FROM related)
     SELECT * FROM (
       SELECT ${COLUMNS}, r.record_no FROM found JOIN indexed_record r USING (record_no)
       ORDER BY r.recorded_at DESC, r.record_no DESC LIMIT $2) AS newest
     ORDER BY "recordedAt", record_no`,
    [id, limit, before ?? 'infinity'],
  );
  return rows;
}

/** Finds the newest records that were refused, of one sender or of all. The sender is the claimed one. */
export async function findRefused(
  on: Queryable,
  { issuer, limit }: { issuer?: string | undefined; limit: number },
): Promise<FoundRecord[]> {
  // Rows of a quarantine repeat those of its topic.
  const { rows } = await on.query<FoundRecord>(
    `SELECT ${COLUMNS} FROM indexed_record r
     WHERE failed_check IS NOT NULL AND topic NOT LIKE '%.quarantine' ${issuer === undefined ? '' : 'AND issuer = $2'}
     ORDER BY recorded_at DESC LIMIT $1`,
    issuer === undefined ? [limit] : [limit, issuer],
  );
  return rows;
}

/** Finds the newest messages of a type. */
export async function findOfType(on: Queryable, type: string, limit: number): Promise<FoundRecord[]> {
  const { rows } = await on.query<FoundRecord>(
    `SELECT ${COLUMNS} FROM indexed_record r WHERE type = $1 ORDER BY recorded_at DESC LIMIT $2`,
    [type, limit],
  );
  return rows;
}

/**
 * Returns which messages were answered: a service that passed its checks sent something because of them.
 * @param jtis of the messages
 */
export async function findAnswered(on: Queryable, jtis: readonly string[]): Promise<Set<string>> {
  const { rows } = await on.query<{ cause: string }>(
    `SELECT DISTINCT r.cause FROM unnest($1::text[]) AS asked (jti)
       JOIN indexed_id i ON i.id = asked.jti JOIN indexed_record r USING (record_no)
     WHERE r.cause = asked.jti AND r.failed_check IS NULL`,
    [jtis],
  );
  return new Set(rows.map(({ cause }) => cause));
}

/** A service, and when it sent something. */
export interface SentBy {
  service: string;
  at: Date;
}

/** Declarations of a service that are looked through: it makes one at each start. */
const DECLARATIONS_MAX = 500;

/**
 * Returns, for each of these services and times, the id of the release that had declared its contracts last by then;
 * `undefined` where the index has no declaration of that service from before.
 */
export async function findReleases(on: Queryable, sent: readonly SentBy[]): Promise<(string | undefined)[]> {
  const declared = new Map<string, { at: Date; release: string }[]>();
  for (const [service, own] of Map.groupBy(sent, (one) => one.service)) {
    const until = new Date(Math.max(...own.map(({ at }) => at.getTime())));
    // A statement for each type: the planner then knows how rare it is, and reads by type and not through all times.
    const { rows } = await on.query<{ at: Date; release: string }>(
      `SELECT recorded_at AS at, facts->>'releaseId' AS release FROM indexed_record
       WHERE type = $1 AND issuer = $2 AND recorded_at <= $3 AND failed_check IS NULL
       ORDER BY recorded_at DESC LIMIT ${DECLARATIONS_MAX}`,
      [`${service}.contracts.declared`, service, until],
    );
    declared.set(service, rows);
  }
  return sent.map(({ service, at }) => declared.get(service)!.find((one) => one.at <= at)?.release);
}

/** As {@link findReleases}, of one service at one time. */
export async function findRelease(on: Queryable, service: string, at: Date): Promise<string | undefined> {
  const [release] = await findReleases(on, [{ service, at }]);
  return release;
}

/** How much the index knows. */
export interface IndexExtent {
  /** When the oldest and the newest record were written. */
  oldestAt: Date | null;
  newestAt: Date | null;
}

/** Returns the times between which the index has records. */
export async function indexExtent(on: Queryable): Promise<IndexExtent> {
  const { rows } = await on.query<IndexExtent>(
    'SELECT min(recorded_at) AS "oldestAt", max(recorded_at) AS "newestAt" FROM indexed_record',
  );
  return rows[0]!;
}

import { auditOf } from '@tallystick/audit';
import { newJti } from '@tallystick/contracts';
import { transaction, type Pool, type Queryable } from '@tallystick/postgres';

export const jobKinds = ['dry_run', 'release', 'discard'] as const;
export type JobKind = (typeof jobKinds)[number];

/** Which waiting records a job is about. */
export type Selection = { groupKey: string } | { records: readonly { topic: string; offset: bigint }[] };

/** A job as an operator asks for it. */
export interface JobOrder {
  kind: JobKind;
  selection: Selection;
  /** Why, in the operator's words. */
  reason: string;
  /** The person, as the audit names it, and the client through which the person acts. */
  actor: string;
  clientId: string | undefined;
}

/** Records of one job. More than these are several jobs. */
export const JOB_RECORDS_MAX = 100_000;
export const REASON_CHARS_MAX = 200;

/**
 * Begins a job on quarantined records. It is written with its entry in the audit, in one transaction. Records that no longer
 * wait are left out.
 * @returns the id of the job; `undefined` if no record waits
 */
export function beginJob(pool: Pool, order: JobOrder, nowMs: number): Promise<string | undefined> {
  const { kind, selection, reason, actor, clientId } = order;
  return transaction(pool, async (tx) => {
    const jobId = `job_${newJti()}`;
    await tx.query(
      `INSERT INTO quarantine_job (job_id, kind, actor, client_id, reason, created_at, records)
       VALUES ($1, $2, $3, $4, $5, to_timestamp($6), 0)`,
      [jobId, kind, actor, clientId ?? null, reason.slice(0, REASON_CHARS_MAX), nowMs / 1_000],
    );
    const { rowCount } =
      'groupKey' in selection
        ? await tx.query(
            `INSERT INTO quarantine_job_record (job_id, topic, quarantine_offset)
             SELECT $1, topic, quarantine_offset FROM quarantined_record WHERE state = 'waiting' AND group_key = $2 LIMIT $3`,
            [jobId, selection.groupKey, JOB_RECORDS_MAX],
          )
        : await tx.query(
            `INSERT INTO quarantine_job_record (job_id, topic, quarantine_offset)
             SELECT DISTINCT $1, topic, quarantine_offset FROM unnest($2::text[], $3::bigint[]) AS sent (topic, quarantine_offset)
               JOIN quarantined_record r USING (topic, quarantine_offset) WHERE r.state = 'waiting' LIMIT $4`,
            [
              jobId,
              selection.records.map(({ topic }) => topic),
              selection.records.map(({ offset }) => offset),
              JOB_RECORDS_MAX,
            ],
          );
    const records = rowCount ?? 0;
    await tx.query(
      'UPDATE quarantine_job SET records = $2::bigint, finished_at = CASE WHEN $2::bigint = 0 THEN created_at END WHERE job_id = $1',
      [jobId, records],
    );
    tx.write(
      auditOf([
        {
          actor,
          clientId,
          action: `quarantine.${kind}`,
          object: jobId,
          reason,
          outcome: 'done',
          atMs: nowMs,
        },
      ]),
    );
    return records === 0 ? undefined : jobId;
  });
}

/** A job with its progress. */
export interface FoundJob {
  jobId: string;
  kind: JobKind;
  actor: string;
  reason: string;
  createdAt: Date;
  finishedAt: Date | null;
  records: number;
  /** Records by what happened or would happen, with the code of a refusal. */
  outcomes: { outcome: JobOutcome; code: string | null; count: number }[];
}

/** What happened to a record in a job, or would happen. */
export type JobOutcome =
  | 'released'
  | 'discarded'
  | 'would_pass'
  | 'would_be_refused'
  | 'handled_before'
  /** Encrypted to a service: nobody else can check it. */
  | 'cannot_be_checked'
  /** Only a part of its value is kept. */
  | 'not_kept_whole'
  /** Its retention has ended. */
  | 'gone'
  /** Somebody else released or discarded it meanwhile. */
  | 'done_before';

/** The outcomes in words. */
export const outcomeTexts: Readonly<Record<JobOutcome, string>> = {
  released: 'Released',
  discarded: 'Discarded',
  would_pass: 'Would go through',
  would_be_refused: 'Would be refused again',
  handled_before: 'Handled before: a release has no effect',
  cannot_be_checked: 'Encrypted: only its service can check it',
  not_kept_whole: 'Not kept whole: cannot be released',
  gone: 'No longer kept',
  done_before: 'Released or discarded by another job',
};

const JOB_COLUMNS = `job_id AS "jobId", kind, actor, reason, created_at AS "createdAt", finished_at AS "finishedAt",
  records::int AS records`;

/** Finds a job with its progress. */
export async function findJob(on: Queryable, jobId: string): Promise<FoundJob | undefined> {
  const { rows } = await on.query<Omit<FoundJob, 'outcomes'>>(
    `SELECT ${JOB_COLUMNS} FROM quarantine_job WHERE job_id = $1`,
    [jobId],
  );
  if (rows[0] === undefined) return undefined;
  const { rows: outcomes } = await on.query<FoundJob['outcomes'][number]>(
    `SELECT outcome, code, count(*)::int AS count FROM quarantine_job_record WHERE job_id = $1 AND outcome IS NOT NULL
     GROUP BY outcome, code ORDER BY count DESC`,
    [jobId],
  );
  return { ...rows[0], outcomes };
}

/** A record of a job with its outcome. */
export interface JobRecord {
  topic: string;
  offset: bigint;
  outcome: JobOutcome | null;
  code: string | null;
  detail: string | null;
}

/** Returns the first records of a job, in the order of their quarantines. */
export async function findJobRecords(on: Queryable, jobId: string, limit: number): Promise<JobRecord[]> {
  const { rows } = await on.query<JobRecord>(
    `SELECT topic, quarantine_offset AS "offset", outcome, code, detail FROM quarantine_job_record WHERE job_id = $1
     ORDER BY topic, quarantine_offset LIMIT $2`,
    [jobId, limit],
  );
  return rows;
}

/** Returns the newest jobs, without their outcomes. */
export async function findJobs(on: Queryable, limit: number): Promise<Omit<FoundJob, 'outcomes'>[]> {
  const { rows } = await on.query<Omit<FoundJob, 'outcomes'>>(
    `SELECT ${JOB_COLUMNS} FROM quarantine_job ORDER BY created_at DESC, job_id DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

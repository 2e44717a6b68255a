import type { Messaging } from '@tallystick/messaging';
import { repeat, transaction, type Pool, type Repeated } from '@tallystick/postgres';
import { open } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import { findAnswered } from '../message-index/find-records.ts';
import { storedIfText } from '../message-index/stored-text.ts';
import type { JobKind, JobOutcome } from './jobs.ts';

/** Records that are read, published and noted at once. */
const CHUNK_RECORDS = 1_000;
const LOOK_INTERVAL_MS = 500;
/** How long a process may take for a chunk, before another one goes on. */
const LEASE_S = 60;
const DETAIL_CHARS_MAX = 300;

export interface JobRunnerOptions {
  pool: Pool;
  messaging: Pick<Messaging, 'keyring' | 'readQuarantined' | 'publish'>;
  topicPrefix: string;
  logger: Logger;
  nowMs?: () => number;
  chunkRecords?: number;
}

interface LeasedJob {
  jobId: string;
  kind: JobKind;
}

interface Place {
  topic: string;
  offset: bigint;
}

interface Outcome extends Place {
  outcome: JobOutcome;
  code?: string | undefined;
  detail?: string | undefined;
}

/**
 * Works on the jobs in the database until it is stopped. Progress is in the database, so that a job goes on after a restart. A
 * record that was published just before may be published once more then: its consumer handles it once.
 */
export function runJobs(options: JobRunnerOptions): Repeated {
  return repeat(
    LOOK_INTERVAL_MS,
    async (signal) => {
      while (!signal.aborted && (await workOnJob(options)));
    },
    (error) => options.logger.warn({ err: error }, 'quarantine.job_failed'),
  );
}

/**
 * Works on the next chunk of the oldest job that nobody works on.
 * @returns whether there was one
 */
export async function workOnJob(options: JobRunnerOptions): Promise<boolean> {
  const { pool } = options;
  const job = await lease(pool);
  if (job === undefined) return false;
  const places = await nextPlaces(pool, job.jobId, options.chunkRecords ?? CHUNK_RECORDS);
  if (places.length === 0) {
    await pool.query('UPDATE quarantine_job SET finished_at = now(), leased_until = NULL WHERE job_id = $1', [
      job.jobId,
    ]);
    return true;
  }
  const waiting = await stillWaiting(pool, places);
  const outcomes = await outcomesOf(job, waiting, options);
  const known = new Set(outcomes.map(({ offset, topic }) => `${topic} ${offset}`));
  const others = places
    .filter(({ topic, offset }) => !known.has(`${topic} ${offset}`))
    .map((place): Outcome => ({ ...place, outcome: 'done_before' }));
  await note(pool, job, [...outcomes, ...others]);
  return true;
}

async function lease(pool: Pool): Promise<LeasedJob | undefined> {
  const { rows } = await pool.query<LeasedJob>(
    `UPDATE quarantine_job SET leased_until = now() + make_interval(secs => $1) WHERE job_id = (
       SELECT job_id FROM quarantine_job WHERE finished_at IS NULL AND (leased_until IS NULL OR leased_until < now())
       ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING job_id AS "jobId", kind`,
    [LEASE_S],
  );
  return rows[0];
}

async function nextPlaces(pool: Pool, jobId: string, limit: number): Promise<Place[]> {
  const { rows } = await pool.query<Place>(
    `SELECT topic, quarantine_offset AS "offset" FROM quarantine_job_record WHERE job_id = $1 AND outcome IS NULL
     ORDER BY topic, quarantine_offset LIMIT $2`,
    [jobId, limit],
  );
  return rows;
}

async function stillWaiting(pool: Pool, places: readonly Place[]): Promise<Place[]> {
  const { rows } = await pool.query<Place>(
    `SELECT topic, quarantine_offset AS "offset" FROM unnest($1::text[], $2::bigint[]) AS sent (topic, quarantine_offset)
       LEFT JOIN quarantine_act a USING (topic, quarantine_offset) WHERE a.act IS NULL`,
    [places.map(({ topic }) => topic), places.map(({ offset }) => offset)],
  );
  return rows;
}

async function outcomesOf(
  { kind }: LeasedJob,
  places: readonly Place[],
  options: JobRunnerOptions,
): Promise<Outcome[]> {
  if (kind === 'discard') return places.map((place) => ({ ...place, outcome: 'discarded' }));
  const outcomes: Outcome[] = [];
  for (const [topic, ofTopic] of Map.groupBy(places, (place) => place.topic)) {
    const read = await options.messaging.readQuarantined(
      options.topicPrefix + topic,
      new Set(ofTopic.map(({ offset }) => String(offset))),
    );
    const byOffset = new Map(read.map(({ offset, released }) => [offset, { released }]));
    const kept: (Place & { released: Released })[] = [];
    for (const place of ofTopic) {
      const found = byOffset.get(String(place.offset));
      if (found === undefined) outcomes.push({ ...place, outcome: 'gone' });
      else if (found.released === undefined) outcomes.push({ ...place, outcome: 'not_kept_whole' });
      else kept.push({ ...place, released: found.released });
    }
    if (kind === 'dry_run') outcomes.push(...(await checkAll(kept, options)));
    else {
      await options.messaging.publish(kept.map(({ released }) => released));
      outcomes.push(
        ...kept.map(({ topic: of, offset }): Outcome => ({ topic: of, offset, outcome: 'released' })),
      );
    }
  }
  return outcomes;
}

type Released = NonNullable<Awaited<ReturnType<Messaging['readQuarantined']>>[number]['released']>;

/** Checks records with today's keys and contracts, as their consumer would. */
async function checkAll(
  kept: readonly (Place & { released: Released })[],
  { pool, messaging: { keyring }, topicPrefix, nowMs = Date.now }: JobRunnerOptions,
): Promise<Outcome[]> {
  const passed = new Map<string, Place>();
  const outcomes = await Promise.all(
    kept.map(async ({ topic, offset, released }): Promise<Outcome | undefined> => {
      const record = {
        topic: released.topic,
        key: released.key?.toString('utf8') ?? null,
        value: released.value,
      };
      const result = await open(record, { keyring, topicPrefix, nowMs: nowMs() });
      if (result.ok) {
        passed.set(`${topic} ${offset}`, { topic, offset });
        return undefined;
      }
      const { code, detail } = result.refusal;
      if (code === 'envelope.decryption_failed') return { topic, offset, outcome: 'cannot_be_checked' };
      return {
        topic,
        offset,
        outcome: 'would_be_refused',
        code,
        detail: storedIfText(detail, DETAIL_CHARS_MAX),
      };
    }),
  );
  const answered = await answeredPlaces(pool, [...passed.values()]);
  return [
    ...outcomes.filter((one) => one !== undefined),
    ...[...passed].map(([key, place]): Outcome => ({
      ...place,
      outcome: answered.has(key) ? 'handled_before' : 'would_pass',
    })),
  ];
}

async function answeredPlaces(pool: Pool, places: readonly Place[]): Promise<Set<string>> {
  const { rows } = await pool.query<Place & { jti: string }>(
    `SELECT topic, quarantine_offset AS "offset", jti FROM unnest($1::text[], $2::bigint[]) AS sent (topic, quarantine_offset)
       JOIN quarantined_record USING (topic, quarantine_offset) WHERE jti IS NOT NULL`,
    [places.map(({ topic }) => topic), places.map(({ offset }) => offset)],
  );
  const answered = await findAnswered(
    pool,
    rows.map(({ jti }) => jti),
  );
  return new Set(
    rows.filter(({ jti }) => answered.has(jti)).map(({ topic, offset }) => `${topic} ${offset}`),
  );
}

/** Notes what happened to records, in one transaction with what operators did with them. */
async function note(pool: Pool, { jobId, kind }: LeasedJob, outcomes: readonly Outcome[]): Promise<void> {
  await transaction(pool, async (tx) => {
    await tx.query(
      `UPDATE quarantine_job_record r SET outcome = sent.outcome, code = sent.code, detail = sent.detail
       FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[]) AS sent (topic, quarantine_offset, outcome, code, detail)
       WHERE r.job_id = $1 AND r.topic = sent.topic AND r.quarantine_offset = sent.quarantine_offset`,
      [
        jobId,
        outcomes.map(({ topic }) => topic),
        outcomes.map(({ offset }) => offset),
        outcomes.map(({ outcome }) => outcome),
        outcomes.map(({ code }) => code ?? null),
        outcomes.map(({ detail }) => detail ?? null),
      ],
    );
    const done = outcomes.filter(({ outcome }) => outcome === 'released' || outcome === 'discarded');
    if (kind !== 'dry_run' && done.length > 0) {
      const acts = [
        jobId,
        kind === 'release' ? 'released' : 'discarded',
        done.map(({ topic }) => topic),
        done.map(({ offset }) => offset),
      ];
      await tx.query(
        `INSERT INTO quarantine_act (topic, quarantine_offset, act, job_id, acted_at)
         SELECT topic, quarantine_offset, $2, $1, now() FROM unnest($3::text[], $4::bigint[]) AS sent (topic, quarantine_offset)
         ON CONFLICT DO NOTHING`,
        acts,
      );
      await tx.query(
        `UPDATE quarantined_record r SET state = $1
         FROM unnest($2::text[], $3::bigint[]) AS sent (topic, quarantine_offset)
         WHERE r.topic = sent.topic AND r.quarantine_offset = sent.quarantine_offset`,
        acts.slice(1),
      );
    }
    await tx.query('UPDATE quarantine_job SET leased_until = NULL WHERE job_id = $1', [jobId]);
  });
}

import { html, type Html } from '@tallystick/pages';
import {
  findJob,
  findJobRecords,
  outcomeTexts,
  type FoundJob,
  type JobKind,
  type JobOutcome,
  type JobRecord,
} from '../../../quarantine/jobs.ts';
import { adviceFor } from '../../../quarantine/advice.ts';
import type { ConsoleParts } from '../../../parts.ts';
import type { Page } from '../../page.ts';
import { badge, type Tone } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { live } from '../../parts/live.ts';
import { emptyState } from '../../parts/notice.ts';
import { countText, recordsText } from '../../parts/numbers.ts';
import { table } from '../../parts/table.ts';
import { facts, id, time } from '../../parts/text.ts';
import { jobPath, recordPath } from './paths.ts';

const LIVE_MS = 1_000;
const RECORDS_SHOWN = 100;

/** The kinds of jobs in words. */
export const jobKindText: Readonly<Record<JobKind, string>> = {
  dry_run: 'Dry run',
  release: 'Release',
  discard: 'Discard',
};

const tones: Readonly<Record<JobOutcome, Tone>> = {
  released: 'good',
  discarded: 'plain',
  would_pass: 'good',
  would_be_refused: 'bad',
  handled_before: 'plain',
  cannot_be_checked: 'warn',
  not_kept_whole: 'warn',
  gone: 'warn',
  done_before: 'plain',
};

/** Shows a job with its progress and what happened to each record. */
export function quarantineJobPage(parts: ConsoleParts): Page {
  const { pool } = parts;
  return {
    path: '/quarantine/jobs/:job',
    title: 'Job',
    scope: 'ledger:read',
    live: [
      {
        path: '/live/quarantine/jobs/:job',
        scope: 'ledger:read',
        everyMs: LIVE_MS,
        render: async ({ params }) => progress(parts, await findJob(pool, params['job']!)),
      },
    ],
    async show({ params }) {
      const job = await findJob(pool, params['job']!);
      if (job === undefined)
        return {
          title: 'There is no such job',
          status: 404,
          main: html`<section class="card">
            ${emptyState('Where else to look', html`The <a href="/quarantine">quarantine</a> lists the newest jobs.`)}
          </section>`,
        };
      const content = await progress(parts, job);
      return {
        title: `${jobKindText[job.kind]} of ${recordsText(job.records)}`,
        lead: job.reason,
        main: job.finishedAt === null ? live(`/live${jobPath(job.jobId)}`, content) : content,
      };
    },
    find: (text) => (/^job_[0-9a-f-]{36}$/.test(text) ? jobPath(text) : undefined),
  };
}

async function progress({ pool }: ConsoleParts, job: FoundJob | undefined): Promise<Html> {
  if (job === undefined) return html``;
  const records = await findJobRecords(pool, job.jobId, RECORDS_SHOWN);
  const done = job.outcomes.reduce((sum, { count }) => sum + count, 0);
  return html`${card({
    title: 'Progress',
    aside: job.finishedAt === null ? badge('running', 'accent') : badge('finished', 'good'),
    body: html`<progress
        value="${done}"
        max="${Math.max(1, job.records)}"
        aria-label="Records done"
      ></progress>
      <p>${countText(done)} of ${recordsText(job.records)}.</p>
      ${facts([
        ['Begun', time(job.createdAt.toISOString())],
        ['Finished', time(job.finishedAt?.toISOString())],
        ['By', id(job.actor)],
        ['Job', id(job.jobId)],
      ])}`,
  })}
  ${card({
    title: job.kind === 'dry_run' ? 'What would happen' : 'What happened',
    body: table({
      caption: 'Records by outcome',
      head: ['Outcome', 'Why', { title: 'Records', kind: 'number' }],
      rows: job.outcomes.map(({ outcome, code, count }) => [
        badge(outcomeTexts[outcome], tones[outcome]),
        code === null
          ? html`<span class="soft">–</span>`
          : html`${adviceFor(code).title}<span class="two"><code>${code}</code></span>`,
        countText(count),
      ]),
      empty: emptyState('Nothing yet', 'The first records are being read.'),
    }),
  })}
  ${recordsCard(job, records)}`;
}

function recordsCard(job: FoundJob, records: readonly JobRecord[]): Html {
  return card({
    title: 'Records',
    ...(job.records > RECORDS_SHOWN ? { note: `The first ${RECORDS_SHOWN}.` } : {}),
    body: table({
      caption: 'Records of the job with their outcome',
      head: ['Record', 'Outcome', 'Why'],
      rows: records.map((one) => [
        html`<a href="${recordPath(one)}">${one.topic}, offset ${String(one.offset)}</a>`,
        one.outcome === null
          ? badge('waits for its turn', 'plain')
          : badge(outcomeTexts[one.outcome], tones[one.outcome]),
        [one.code, one.detail].filter((part) => part !== null).join(': '),
      ]),
    }),
  });
}

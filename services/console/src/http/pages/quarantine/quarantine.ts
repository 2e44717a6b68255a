import { html, type Html } from '@tallystick/pages';
import { adviceFor } from '../../../quarantine/advice.ts';
import {
  countByState,
  findGroups,
  findTrend,
  GROUPS_MAX,
  TREND_HOURS,
  type QuarantineGroup,
  type QuarantineHour,
} from '../../../quarantine/find-quarantined.ts';
import { findJobs, type FoundJob } from '../../../quarantine/jobs.ts';
import type { ConsoleParts } from '../../../parts.ts';
import type { Page, PageContent } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { barChart } from '../../parts/bar-chart.ts';
import { card, figures } from '../../parts/card.ts';
import { live } from '../../parts/live.ts';
import { emptyState, hint } from '../../parts/notice.ts';
import { agoText, countText } from '../../parts/numbers.ts';
import { table } from '../../parts/table.ts';
import { id, time } from '../../parts/text.ts';
import { jobKindText } from './job.ts';
import { groupPath, jobPath } from './paths.ts';

const LIVE_PATH = '/live/quarantine';
const LIVE_MS = 5_000;
const JOBS_SHOWN = 10;
const GROUPS_SHOWN = 20;

/** Shows why records wait, grouped by cause, with their trend and the jobs on them. */
export function quarantinePage(parts: ConsoleParts): Page {
  return {
    path: '/quarantine',
    title: 'Quarantine',
    scope: 'ledger:read',
    nav: 3,
    live: [{ path: LIVE_PATH, scope: 'ledger:read', everyMs: LIVE_MS, render: () => overview(parts) }],
    async show({ query }) {
      if (query.get('groups') === 'all') return allGroups(parts);
      return {
        lead: 'Records that a service refused or could not handle. They wait here until somebody releases or discards them.',
        main: live(LIVE_PATH, await overview(parts)),
      };
    },
  };
}

async function allGroups({ pool, nowMs }: ConsoleParts): Promise<PageContent> {
  const groups = await findGroups(pool);
  return {
    title: 'Causes in quarantine',
    lead: html`The ${GROUPS_MAX} largest at most. <a href="/quarantine">Back to the quarantine</a>`,
    main: groupsCard(groups, nowMs(), groups.length),
  };
}

async function overview({ pool, index, nowMs }: ConsoleParts): Promise<Html> {
  const [groups, trend, counts, jobs] = await Promise.all([
    findGroups(pool),
    findTrend(pool),
    countByState(pool),
    findJobs(pool, JOBS_SHOWN),
  ]);
  const lastDay = trend.slice(-24).reduce((sum, { count }) => sum + count, 0);
  return html`${
    !index.isFollowing &&
    hint('Kafka does not answer: this is what was known before. Releases wait until it does.')
  }
  ${figures([
    { name: 'Waiting', value: countText(counts.waiting), tone: counts.waiting === 0 ? 'good' : 'warn' },
    { name: 'Came in the last 24 hours', value: countText(lastDay) },
    { name: 'Released', value: countText(counts.released) },
    { name: 'Discarded', value: countText(counts.discarded) },
  ])}
  ${card({ title: 'Trend', note: `Records by hour, over ${TREND_HOURS} hours.`, body: trendChart(trend) })}
  ${groupsCard(groups, nowMs(), GROUPS_SHOWN)} ${jobsCard(jobs)}`;
}

/** Renders how many records came into quarantine by the hour. */
export function trendChart(trend: readonly QuarantineHour[]): Html {
  const all = trend.reduce((sum, { count }) => sum + count, 0);
  const peak = trend.reduce((best, one) => (one.count > best.count ? one : best), trend[0]!);
  const label =
    all === 0
      ? `No record in ${TREND_HOURS} hours`
      : `${countText(all)} records in ${TREND_HOURS} hours, most in the hour from ${peak.hour.toISOString()}: ${countText(peak.count)}`;
  return barChart(
    trend.map(({ count }) => count),
    label,
    [`${TREND_HOURS} hours ago`, 'now'],
  );
}

function groupsCard(groups: readonly QuarantineGroup[], nowMs: number, shown: number): Html {
  return card({
    title: 'Causes',
    note: 'Records with one reason, check, sender and shape are one group. The largest is first.',
    body: html`${groupsTable(groups.slice(0, shown), nowMs)}
    ${
      groups.length > shown &&
      html`<p><a href="/quarantine?groups=all">${groups.length - shown} more causes</a></p>`
    }`,
  });
}

function groupsTable(groups: readonly QuarantineGroup[], nowMs: number): Html {
  return table({
    caption: 'Groups of waiting records by cause',
    head: [
      'Reason',
      { title: 'Waiting', kind: 'number' },
      'Sender',
      'What it is',
      'Topic',
      'Newest',
      'What to do',
    ],
    rows: groups.map((one) => {
      const { title, mayPassLater } = adviceFor(one.reason);
      return [
        html`<a href="${groupPath(one.groupKey)}"><strong>${title}</strong></a
          ><span class="two"><code>${one.reason}</code></span>`,
        countText(one.waiting),
        one.issuer ?? html`<span class="soft">unknown</span>`,
        one.shape,
        html`<code>${one.topic}</code><span class="two">refused by ${one.consumer}</span>`,
        agoText(one.newestAt, nowMs),
        one.whole === 0
          ? badge('discard', 'plain')
          : mayPassLater
            ? badge('mend, then release', 'accent')
            : badge('sender must send again', 'warn'),
      ];
    }),
    empty: emptyState(
      'Nothing waits',
      'A record that fails a check, or whose handler fails each time, appears here with its reason.',
    ),
  });
}

function jobsCard(jobs: readonly Omit<FoundJob, 'outcomes'>[]): Html {
  return card({
    title: 'Jobs',
    note: 'What operators did, newest first.',
    body: table({
      caption: 'Jobs on quarantined records',
      head: ['Begun', 'Job', 'By', 'Reason', { title: 'Records', kind: 'number' }, 'State'],
      rows: jobs.map((one) => [
        time(one.createdAt.toISOString()),
        html`<a href="${jobPath(one.jobId)}">${jobKindText[one.kind]}</a>`,
        id(one.actor),
        one.reason,
        countText(one.records),
        one.finishedAt === null ? badge('running', 'accent') : badge('finished', 'good'),
      ]),
      empty: emptyState('No job yet', 'Open a group, look at its records, and begin with a dry run.'),
    }),
  });
}

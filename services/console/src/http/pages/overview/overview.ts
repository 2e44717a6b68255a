import { messages } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { isTransient } from '@tallystick/postgres';
import { FiguresUnavailableError } from '../../../figures/figure-source.ts';
import { readInterfaceFigures, type InterfaceFigures } from '../../../figures/interface-figures.ts';
import {
  readSystemFigures,
  type ServiceFigures,
  type SystemFigures,
} from '../../../figures/system-figures.ts';
import { countByState } from '../../../quarantine/find-quarantined.ts';
import type { ConsoleParts } from '../../../parts.ts';
import type { Page } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card, figures, type Figure } from '../../parts/card.ts';
import { disclosure } from '../../parts/form.ts';
import { live } from '../../parts/live.ts';
import { emptyState, hint, problem } from '../../parts/notice.ts';
import { countText, durationText, rateText, shareText } from '../../parts/numbers.ts';
import { table } from '../../parts/table.ts';
import { spanText } from '../../parts/text.ts';
import { absences, attentionTo, isQueueSlow, type Attention } from './attention.ts';
import { interfaceTable } from './interface-table.ts';

const LIVE_PATH = '/live/overview';
const LIVE_MS = 5_000;
const REFUSALS_WINDOW_S = 3_600;
/** Interfaces with the least budget left that are always shown; those that miss much are shown too. */
const INTERFACES_SHOWN = 12;

/** Shows in one look what is healthy and what is not. It stays current. */
export function overviewPage(parts: ConsoleParts): Page {
  return {
    path: '/',
    title: 'Overview',
    scope: 'ledger:read',
    nav: 0,
    live: [{ path: LIVE_PATH, scope: 'ledger:read', everyMs: LIVE_MS, render: () => overview(parts) }],
    async show() {
      return {
        lead: 'Every interface, service and queue, now and over the last hour.',
        aside: html`<span class="soft">Figures: ${parts.figures.name}</span>`,
        main: live(LIVE_PATH, await overview(parts)),
      };
    },
  };
}

async function overview(parts: ConsoleParts): Promise<Html> {
  const { figures: source, pool, index, nowMs } = parts;
  const waiting = await waitingOrUnknown(pool);
  const isKafkaAway = !index.isFollowing;
  try {
    const [interfaces, system] = await Promise.all([
      readInterfaceFigures(source),
      readSystemFigures(source, REFUSALS_WINDOW_S),
    ]);
    const attention = attentionTo({ interfaces, system, waiting, isKafkaAway }, nowMs());
    const isRead = system.services.some((one) => one.known > 0);
    return html`${!isRead && hint('No metrics are read: set PROMETHEUS_URL or METRICS_URLS, and figures appear here.')}
    ${figures(keyFigures({ interfaces, system, waiting }, nowMs()))}
    ${(isRead || attention.length > 0) && attentionCard(attention)} ${interfacesCard(interfaces)}
    ${servicesCard(system)} ${refusalsCard(system)}`;
  } catch (error) {
    if (!(error instanceof FiguresUnavailableError)) throw error;
    return html`${isKafkaAway && hint(absences.kafka)} ${waiting === undefined && hint(absences.postgres)}
    ${problem(
      error.message,
      'Live figures are missing until it does. The pages of payments, quarantine, parties and accounts work without it.',
    )}
    ${figures([quarantineFigure(waiting)])}`;
  }
}

/** Returns how many quarantined records wait; `undefined` while Postgres does not answer. */
async function waitingOrUnknown(pool: ConsoleParts['pool']): Promise<number | undefined> {
  try {
    return (await countByState(pool)).waiting;
  } catch (error) {
    if (isTransient(error)) return undefined;
    throw error;
  }
}

function attentionCard(attention: readonly Attention[]): Html {
  if (attention.length === 0)
    return html`<div class="notice good" role="status">
      <p class="notice-title">Nothing needs attention</p>
      <p>
        No service is down, no queue stands still and no objective is missed, as far as the figures reach.
      </p>
    </div>`;
  return card({
    title: 'Needs attention',
    body: html`<ul class="attention">
      ${attention.map(({ tone, word, text }) => html`<li>${badge(word, tone)}<span>${text}</span></li>`)}
    </ul>`,
  });
}

function keyFigures(
  parts: { interfaces: readonly InterfaceFigures[]; system: SystemFigures; waiting: number | undefined },
  nowMs: number,
): Figure[] {
  const { interfaces, system, waiting } = parts;
  const measured = interfaces.filter(({ budgetLeft }) => budgetLeft !== undefined);
  const missed = measured.filter(({ budgetLeft }) => budgetLeft! < 0);
  const up = system.services.filter((one) => one.up > 0 && one.up === one.known).length;
  const lag = sum(system.services.map((one) => one.lag));
  const outbox = Math.max(0, ...known(system.services.map(({ outboxAgeS }) => outboxAgeS)));
  const keyLeftS = Math.min(Infinity, ...known(system.services.map(({ keyRemainingS }) => keyRemainingS)));
  const snapshotS = Math.max(0, ...known(system.services.map(({ snapshotAgeS }) => snapshotAgeS)));
  return [
    paymentsFigure(interfaces),
    {
      name: 'Objectives',
      value:
        measured.length === 0 ? 'No traffic' : `${measured.length - missed.length} of ${measured.length}`,
      note: 'interfaces with traffic hold theirs, last hour',
      tone: measured.length === 0 ? 'plain' : missed.length > 0 ? 'bad' : 'good',
    },
    {
      name: 'Services',
      value: `${up} of ${system.services.length}`,
      note: 'are up',
      tone:
        up === system.services.length
          ? 'good'
          : system.services.some((one) => one.known > 0)
            ? 'bad'
            : 'plain',
    },
    {
      name: 'Queues',
      value: countText(lag),
      note: `records wait; ${outbox === 0 ? 'all are published' : `oldest unpublished ${durationText(outbox)}`}`,
      tone: isQueueSlow({ lag, outboxAgeS: outbox }) ? 'warn' : 'good',
    },
    booksFigure(system, nowMs),
    {
      name: 'Keys',
      value: keyLeftS === Infinity ? 'Unknown' : keyLeftS <= 0 ? 'Ended' : spanText(keyLeftS * 1_000),
      note: `left; oldest snapshot ${spanText(snapshotS * 1_000)}`,
      tone: keyLeftS === Infinity ? 'plain' : keyLeftS <= 0 ? 'bad' : 'good',
    },
    quarantineFigure(waiting),
  ];
}

/** The payments that are ordered now, over HTTP and on Kafka. */
function paymentsFigure(interfaces: readonly InterfaceFigures[]): Figure {
  const orders = interfaces.filter(({ name }) => name === messages.paymentCreate.type);
  return {
    name: 'Payments',
    value: html`<a href="/payments">${rateText(sum(orders.map(({ ratePerS }) => ratePerS)))}</a>`,
    note: 'ordered over HTTP and Kafka, last minute',
  };
}

function booksFigure({ imbalances, ledgerCheckedAtMs }: SystemFigures, nowMs: number): Figure {
  if (ledgerCheckedAtMs === undefined && imbalances.length === 0)
    return { name: 'Books', value: 'Unknown', note: 'the account service has not checked them yet' };
  return {
    name: 'Books',
    value: imbalances.length === 0 ? 'Balanced' : 'Not balanced',
    note:
      ledgerCheckedAtMs === undefined
        ? 'time of the check unknown'
        : `checked ${spanText(Math.max(0, nowMs - ledgerCheckedAtMs))} ago`,
    tone: imbalances.length === 0 ? 'good' : 'bad',
  };
}

function quarantineFigure(waiting: number | undefined): Figure {
  if (waiting === undefined)
    return { name: 'Quarantine', value: 'Unknown', note: 'Postgres does not answer' };
  return {
    name: 'Quarantine',
    value: html`<a href="/quarantine">${countText(waiting)}</a>`,
    note:
      waiting === 0
        ? 'nothing waits'
        : waiting === 1
          ? 'record waits for a decision'
          : 'records wait for a decision',
    tone: waiting === 0 ? 'good' : 'warn',
  };
}

function interfacesCard(interfaces: readonly InterfaceFigures[]): Html {
  const isUsed = ({ trend, ratePerS }: InterfaceFigures): boolean =>
    ratePerS > 0 || trend.some((count) => count > 0);
  const used = interfaces
    .filter(isUsed)
    .sort((a, b) => (a.budgetLeft ?? 1) - (b.budgetLeft ?? 1) || b.ratePerS - a.ratePerS);
  const isLow = ({ budgetLeft = 1 }: InterfaceFigures): boolean => budgetLeft < 0.5;
  const shown = Math.max(INTERFACES_SHOWN, used.filter(isLow).length);
  const quiet = interfaces.filter((one) => !isUsed(one));
  return card({
    title: 'Interfaces',
    note: 'Rate, errors and durations of the last minute; budget and trend of the last hour. What misses most is first.',
    body: html`${
      used.length === 0
        ? emptyState('No traffic in the last hour', 'Interfaces appear here as soon as somebody uses them.')
        : interfaceTable(used.slice(0, shown))
    }
    ${used.length > shown && disclosure(`${used.length - shown} more, well within their objectives`, interfaceTable(used.slice(shown)))}
    ${
      quiet.length > 0 &&
      disclosure(
        `${quiet.length} interfaces without traffic`,
        html`<p>${quiet.map(({ name }) => name).join(', ')}</p>`,
      )
    }`,
  });
}

function servicesCard({ services }: SystemFigures): Html {
  const state = ({ up, known: all }: ServiceFigures): Html =>
    all === 0
      ? badge('not read', 'plain')
      : up === 0
        ? badge('down', 'bad')
        : up < all
          ? badge(`${up} of ${all} up`, 'warn')
          : badge('up', 'good');
  return card({
    title: 'Services',
    body: table({
      caption: 'Services with their state, queues and keys',
      head: [
        'Service',
        'State',
        { title: 'Records waiting', kind: 'number' },
        { title: 'Oldest unpublished', kind: 'number' },
        { title: 'Key ends in', kind: 'number' },
        { title: 'Snapshot of keys', kind: 'number' },
      ],
      rows: services.map((one) => [
        html`<strong>${one.service}</strong>`,
        state(one),
        one.lag === undefined ? '–' : countText(one.lag),
        durationText(one.outboxAgeS),
        one.keyRemainingS === undefined ? '–' : spanText(one.keyRemainingS * 1_000),
        one.snapshotAgeS === undefined ? '–' : `${spanText(one.snapshotAgeS * 1_000)} old`,
      ]),
    }),
  });
}

function refusalsCard({ refused }: SystemFigures): Html {
  const all = sum(refused.map(({ count }) => count));
  return card({
    title: 'Refused messages',
    note: 'By reason, in the last hour.',
    body: table({
      caption: 'Refused messages by reason',
      head: ['Reason', { title: 'Messages', kind: 'number' }, { title: 'Share', kind: 'number' }],
      rows: refused.map(({ reason, count }) => [
        html`<code>${reason}</code>`,
        countText(count),
        shareText(count / all),
      ]),
      empty: emptyState('Nothing was refused', 'Each message of the last hour passed its checks.'),
    }),
  });
}

function known(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined);
}

function sum(values: readonly (number | undefined)[]): number {
  return known(values).reduce((total, value) => total + value, 0);
}

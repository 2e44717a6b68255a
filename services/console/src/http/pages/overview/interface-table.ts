import { html, type Html } from '@tallystick/pages';
import type { InterfaceFigures } from '../../../figures/interface-figures.ts';
import { countText, durationText, meter, rateText, shareText } from '../../parts/numbers.ts';
import { sparkLine } from '../../parts/spark-line.ts';
import { table } from '../../parts/table.ts';
import { cataloguePath } from './attention.ts';

/** Below this share of the budget, the meter warns. */
const WARN_BELOW = 0.25;

/** Renders how interfaces work: rate, errors, durations, objective, what is left of its budget, and a trend. */
export function interfaceTable(list: readonly InterfaceFigures[]): Html {
  return table({
    caption: 'Interfaces with rate, errors, durations, objective and trend',
    head: [
      'Interface',
      { title: 'Rate', kind: 'number' },
      { title: 'Failed', kind: 'number' },
      { title: 'Refused', kind: 'number' },
      { title: 'p50', kind: 'number' },
      { title: 'p95', kind: 'number' },
      { title: 'p99', kind: 'number' },
      'Objective',
      'Budget left',
      'Last hour',
    ],
    rows: list.map((one) => [
      html`<a href="${cataloguePath(one.transport, one.name)}"><strong>${one.name}</strong></a
        ><span class="two">${one.transport === 'http' ? 'HTTP' : 'Kafka'}</span>`,
      rateText(one.ratePerS),
      shareText(one.failedShare),
      shareText(one.refusedShare),
      durationText(one.p50S),
      durationText(one.p95S),
      durationText(one.p99S),
      objectiveText(one),
      budget(one),
      trend(one),
    ]),
  });
}

/** Renders the objective of an interface in words. */
export function objectiveText({ objective: { availability, latency } }: InterfaceFigures): Html {
  return html`${shareText(availability)} available<span class="two"
      >${shareText(latency.share)} within ${durationText(latency.thresholdS)}</span
    >`;
}

/** Renders what is left of the budget of an interface. */
export function budget({ budgetLeft }: InterfaceFigures): Html {
  if (budgetLeft === undefined) return html`<span class="soft">no traffic</span>`;
  if (budgetLeft < 0) return meter(0, 'missed', 'bad');
  return meter(budgetLeft, shareText(budgetLeft), budgetLeft < WARN_BELOW ? 'warn' : 'good');
}

/** Renders the trend of an interface with its words. */
export function trend({ name, trend: counts }: InterfaceFigures): Html {
  const all = counts.reduce((sum, count) => sum + count, 0);
  return sparkLine(
    counts,
    `${name}: ${countText(all)} in the last hour, at most ${countText(Math.max(0, ...counts))} in a minute`,
  );
}

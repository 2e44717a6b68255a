import { html, type Html } from '@tallystick/pages';
import type { Act } from '../../store/acts.ts';
import { badge } from './badge.ts';
import { emptyState } from './notice.ts';
import { table } from './table.ts';
import { shortId, time } from './text.ts';

/** Renders acts of operators with their reasons. */
export function actsTable(acts: readonly Act[]): Html {
  return table({
    caption: 'Acts of operators through the console, newest first',
    head: ['When (UTC)', 'Who', 'What', 'On', 'Reason', 'Outcome'],
    rows: acts.map((act) => [
      time(act.occurredAt.toISOString()),
      html`<span title="${act.operatorId}">${act.operatorName}</span>`,
      html`<code>${act.operation}</code>`,
      shortId(act.object),
      act.reason,
      act.outcome === 'done' ? badge('done', 'good') : badge(act.outcome, 'bad'),
    ]),
    empty: emptyState('No act yet', 'Acts through the console are listed here with who did them and why.'),
  });
}

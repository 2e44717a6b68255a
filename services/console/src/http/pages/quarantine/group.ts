import { html, type Html } from '@tallystick/pages';
import { adviceFor } from '../../../quarantine/advice.ts';
import {
  findGroup,
  findTrend,
  findWaiting,
  type FoundQuarantined,
  type QuarantinePlace,
} from '../../../quarantine/find-quarantined.ts';
import type { Selection } from '../../../quarantine/jobs.ts';
import type { ConsoleParts } from '../../../parts.ts';
import type { Page, PageContent, PageRequest } from '../../page.ts';
import { card } from '../../parts/card.ts';
import { choice } from '../../parts/form.ts';
import { emptyState, problem } from '../../parts/notice.ts';
import { bytesText, countText, recordsText } from '../../parts/numbers.ts';
import { nextPage, table } from '../../parts/table.ts';
import { facts, time } from '../../parts/text.ts';
import { act, actsForm, RELEASE_SCOPE } from './acts.ts';
import { groupPath, recordIn, recordPath, recordValue } from './paths.ts';
import { trendChart } from './quarantine.ts';

const ROWS_SHOWN = 50;

/** Shows the records of one cause, what to do about it, and the acts on all of them or on some. */
export function quarantineGroupPage(parts: ConsoleParts): Page {
  return {
    path: '/quarantine/groups/:group',
    title: 'Quarantined records',
    scope: 'ledger:read',
    show: (request) => shown(parts, request),
    act: (request) => {
      const { form, params } = request;
      const chosen = form.getAll('record').flatMap((value) => recordIn(value) ?? []);
      const selection: Selection | undefined =
        form.get('of') !== 'chosen'
          ? { groupKey: params['group']! }
          : chosen.length === 0
            ? undefined
            : { records: chosen };
      return act(parts, request, selection, (fault) => shown(parts, request, fault));
    },
  };
}

async function shown({ pool }: ConsoleParts, request: PageRequest, fault?: string): Promise<PageContent> {
  const groupKey = request.params['group']!;
  const after = placeIn(request.query.get('after'));
  const [group, trend, rows] = await Promise.all([
    findGroup(pool, groupKey),
    findTrend(pool, groupKey),
    findWaiting(pool, groupKey, { after, limit: ROWS_SHOWN + 1 }),
  ]);
  if (group === undefined)
    return {
      title: 'Nothing of this group waits',
      status: fault === undefined ? 200 : 409,
      main: html`<section class="card">
        ${fault !== undefined && problem('Nothing was done', fault)}
        ${emptyState(
          'These records were released or discarded, or are no longer kept',
          html`See <a href="/quarantine">the other causes and the jobs</a>.`,
        )}
      </section>`,
    };
  const { title, action, mayPassLater } = adviceFor(group.reason);
  const page = rows.slice(0, ROWS_SHOWN);
  const last = rows.length > ROWS_SHOWN ? page.at(-1) : undefined;
  return {
    title,
    lead: html`${recordsText(group.waiting)} of ${group.issuer ?? 'an unknown sender'} on
      <code>${group.topic}</code>, refused by ${group.consumer}.`,
    ...(fault === undefined ? {} : { status: 422 }),
    main: html`${fault !== undefined && problem('Nothing was done', fault)}
    ${card({
      title: 'What to do',
      body: html`<p>${action}</p>
        <p class="soft">
          ${
            mayPassLater
              ? 'Once the cause is gone, a release can go through. A dry run says so beforehand.'
              : 'A release is refused again: the sender must send a new message. Discard these once the sender knows.'
          }
        </p>
        ${facts([
          ['Reason', html`<code>${group.reason}</code>`],
          ['Check', group.failedCheck],
          ['What it is', group.shape],
          ['Oldest', time(group.oldestAt.toISOString())],
          ['Newest', time(group.newestAt.toISOString())],
          ['Kept whole', `${countText(group.whole)} of ${countText(group.waiting)}`],
        ])}`,
    })}
    ${card({ title: 'Trend', body: trendChart(trend) })}
    ${card({
      title: 'Records',
      note: 'Newest first. Begin with a dry run: it says what would happen to each, and changes nothing.',
      body: actsForm(request.operator, {
        action: groupPath(groupKey),
        fields: html`${choice({ name: 'of', label: 'Which', value: 'group' }, [
          [
            'group',
            group.waiting === 1
              ? 'The one record of this group'
              : `All ${recordsText(group.waiting)} of this group`,
          ],
          ['chosen', 'Only those that are chosen below'],
        ])}`,
        after: rowsTable(page, request.operator.scopes.has(RELEASE_SCOPE)),
        isReleasable: group.whole > 0,
      }),
    })}
    ${nextPage(last === undefined ? undefined : `${groupPath(groupKey)}?after=${placeText(last)}`)}`,
  };
}

function rowsTable(rows: readonly FoundQuarantined[], isChoosable: boolean): Html {
  return table({
    caption: 'Waiting records of the group',
    head: [
      ...(isChoosable ? ['Choose'] : []),
      'Quarantined',
      'Record key',
      'Detail',
      'Record',
      { title: 'Size', kind: 'number' },
    ],
    rows: rows.map((one) => [
      ...(isChoosable
        ? [
            html`<input
              class="rows-chosen"
              type="checkbox"
              name="record"
              value="${recordValue(one)}"
              aria-label="Choose offset ${String(one.offset)}"
            />`,
          ]
        : []),
      time(one.quarantinedAt.toISOString()),
      one.key === null ? html`<span class="soft">none</span>` : html`<code class="id">${one.key}</code>`,
      one.detail ?? html`<span class="soft">–</span>`,
      html`<a href="${recordPath(one)}">offset ${String(one.offset)}</a>`,
      bytesText(one.valueBytes),
    ]),
  });
}

function placeText({ quarantinedAt, offset }: FoundQuarantined): string {
  return `${quarantinedAt.getTime()}-${offset}`;
}

function placeIn(text: string | null): QuarantinePlace | undefined {
  const [, at, offset] = /^(\d{1,15})-(\d{1,18})$/.exec(text ?? '') ?? [];
  return at === undefined || offset === undefined
    ? undefined
    : { at: new Date(Number(at)), offset: BigInt(offset) };
}

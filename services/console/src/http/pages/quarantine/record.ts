import { html } from '@tallystick/pages';
import { adviceFor } from '../../../quarantine/advice.ts';
import { findQuarantined } from '../../../quarantine/find-quarantined.ts';
import type { ConsoleParts } from '../../../parts.ts';
import type { Page, PageContent, PageRequest } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { json } from '../../parts/more-pages.ts';
import { emptyState, problem } from '../../parts/notice.ts';
import { bytesText } from '../../parts/numbers.ts';
import { facts, id, time } from '../../parts/text.ts';
import { paymentPath } from '../payments/paths.ts';
import { act, actsForm } from './acts.ts';
import { groupPath, recordIn, recordPath, recordValue } from './paths.ts';

/** Shows one quarantined record: why it is there, what it claims, and the acts on it. */
export function quarantineRecordPage(parts: ConsoleParts): Page {
  return {
    path: '/quarantine/records/:topic/:offset',
    title: 'Quarantined record',
    scope: 'ledger:read',
    show: (request) => shown(parts, request),
    act: (request) => {
      const place = placeIn(request);
      const selection = place === undefined ? undefined : { records: [place] };
      return act(parts, request, selection, (fault) => shown(parts, request, fault));
    },
  };
}

function placeIn({ params }: PageRequest): { topic: string; offset: bigint } | undefined {
  return recordIn(`${params['offset']} ${params['topic']}`);
}

async function shown({ pool }: ConsoleParts, request: PageRequest, fault?: string): Promise<PageContent> {
  const place = placeIn(request);
  const record = place === undefined ? undefined : await findQuarantined(pool, place.topic, place.offset);
  if (record === undefined)
    return {
      title: 'No such record in quarantine',
      status: 404,
      main: html`<section class="card">
        ${emptyState(
          'Where else to look',
          html`It may no longer be kept. See <a href="/quarantine">what waits</a>, or search for its payment.`,
        )}
      </section>`,
    };
  const { title, action, mayPassLater } = adviceFor(record.reason);
  const tone = { waiting: 'warn', released: 'good', discarded: 'plain' } as const;
  return {
    title,
    lead: html`Offset ${String(record.offset)} of the quarantine of <code>${record.topic}</code>.`,
    aside: badge(record.state, tone[record.state]),
    ...(fault === undefined ? {} : { status: 422 }),
    main: html`${fault !== undefined && problem('Nothing was done', fault)}
    ${card({
      title: 'Why it is here',
      body: html`<p>${action}</p>
        ${facts([
          ['Reason', html`<code>${record.reason}</code>`],
          ['Check', record.failedCheck],
          ['Detail', record.detail ?? '–'],
          ['Refused by', record.consumer],
          ['Quarantined', time(record.quarantinedAt.toISOString())],
          [
            'Was at',
            record.sourceOffset === null
              ? '–'
              : `${record.topic}, partition ${record.sourcePartition}, offset ${record.sourceOffset}`,
          ],
          ['With the same cause', html`<a href="${groupPath(record.groupKey)}">the group</a>`],
        ])}`,
    })}
    ${card({
      title: 'What it claims',
      note: 'Nobody vouches for a refused record. Confidential fields are never shown.',
      body: html`${facts([
        ['Type', record.type ?? html`<span class="soft">${record.shape}</span>`],
        ['Sender', record.issuer ?? '–'],
        ['Record key', record.key === null ? '–' : id(record.key, paymentPath(record.key))],
        ['Id (jti)', record.jti === null ? '–' : id(record.jti, paymentPath(record.jti))],
        ['Size', bytesText(record.valueBytes)],
        ['Kept', record.isWhole ? 'whole' : 'in part: it cannot be released'],
      ])}
      ${
        record.claims === null
          ? emptyState(
              'No claims to show',
              'It is no message that contracts know, or it holds what is confidential.',
            )
          : json(record.claims)
      }`,
    })}
    ${
      record.state === 'waiting' &&
      card({
        title: 'What to do with it',
        note: mayPassLater
          ? 'Begin with a dry run: it checks the record with the keys and contracts of now.'
          : 'A release would be refused again. A dry run says why.',
        body: actsForm(request.operator, {
          action: recordPath(record),
          fields: html`<input type="hidden" name="record" value="${recordValue(record)}" />`,
          isReleasable: record.isWhole,
        }),
      })
    }`,
  };
}

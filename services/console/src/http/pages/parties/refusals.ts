import { html, type Html } from '@tallystick/pages';
import type { FoundRecord } from '../../../message-index/find-records.ts';
import { badge } from '../../parts/badge.ts';
import { emptyState } from '../../parts/notice.ts';
import { table } from '../../parts/table.ts';
import { id, time } from '../../parts/text.ts';
import { partyPath } from './paths.ts';

/** Renders messages that were refused, newest first. */
export function refusedTable(records: readonly FoundRecord[]): Html {
  return table({
    caption: 'Refused messages, newest first',
    head: ['When (UTC)', 'Claimed sender', 'Type', 'Topic', 'Check', 'Reason'],
    rows: records.map((record) => [
      time(record.recordedAt.toISOString()),
      record.issuer === null ? '–' : id(record.issuer, partyPath(record.issuer)),
      record.type ?? '–',
      record.topic,
      record.failedCheck === null ? '–' : badge(record.failedCheck, 'bad'),
      html`<code>${record.code ?? '–'}</code>`,
    ]),
    empty: emptyState('No refusal', 'No message that the index knows failed a check.'),
  });
}

import { html, type Html } from '@tallystick/pages';
import { auditedServices, Audits, type AuditedEntry } from '../../../app/audits.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { findActs } from '../../../store/acts.ts';
import { faultWords, shownWithout } from '../../other-pages.ts';
import type { Page, PageRequest } from '../../page.ts';
import { actsTable } from '../../parts/acts-table.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { emptyState, problem } from '../../parts/notice.ts';
import { nextPage, table } from '../../parts/table.ts';
import { shortId, time } from '../../parts/text.ts';
import { auditFilters, auditQueryOf, auditSearch, type AuditQuery } from './audit-query.ts';

const SHOWN = 50;
const ACTS_SHOWN = 20;

/** Searches the audits of all services: who decided what, on what, with which outcome. */
export function auditPage(parts: ConsoleParts): Page {
  return {
    path: '/audit',
    title: 'Audit',
    scope: 'audit:read',
    nav: 6,
    find: (text) => (/^(aud|opr)_/.test(text) ? `/audit?${auditSearch(queryFor(text))}` : undefined),
    async show(request) {
      const query = auditQueryOf(request.query);
      const found = await search(parts, request, query);
      return {
        lead: 'Decisions about identity, keys, consent and authority, and every act of an operator. Each service chains its own entries; each search is itself an entry.',
        aside: html`<a class="button" href="/audit/chains">Verify the chains</a>`,
        main: html`${card({ title: 'Search', body: auditFilters(query) })} ${found.faults}
        ${card({
          title: 'Entries',
          note: 'Newest first.',
          aside: html`<a class="button" href="/audit/export?${auditSearch(query, { format: 'csv' })}">CSV</a>
            <a class="button" href="/audit/export?${auditSearch(query, { format: 'jsonl' })}">JSON lines</a>`,
          body: html`${entriesTable(found.entries)} ${nextPage(found.next)}`,
        })}
        ${card({
          title: 'Acts with their reasons',
          note: 'What operators did through the console. The reason is kept here; the entries above name who and what.',
          body: await shownWithout(async () =>
            actsTable(await findActs(parts.pool, { object: query.object, limit: ACTS_SHOWN })),
          ),
        })}`,
      };
    },
  };
}

function queryFor(text: string): AuditQuery {
  const isPerson = text.startsWith('opr_');
  return {
    service: '',
    actor: isPerson ? text : undefined,
    object: isPerson ? undefined : text,
    action: undefined,
  };
}

/** Searches the named services. One that does not answer is named; the entries of the others are shown. */
async function search(
  parts: ConsoleParts,
  request: PageRequest,
  query: AuditQuery,
): Promise<{ entries: AuditedEntry[]; faults: Html[]; next: string | undefined }> {
  const audits = new Audits(parts, request);
  const services = auditedServices(query.service);
  const { service: _service, ...filter } = query;
  const cursor = services.length === 1 ? (request.query.get('cursor') ?? undefined) : undefined;
  const faults: Html[] = [];
  const pages = await Promise.all(
    services.map(async (service) => {
      try {
        return await audits.list(service, { ...filter, limit: SHOWN, cursor });
      } catch (error) {
        const words = faultWords(error);
        if (words === undefined) throw error;
        faults.push(problem(words.title, words.text));
        return { entries: [], nextCursor: undefined };
      }
    }),
  );
  const [only] = pages;
  const next = services.length === 1 ? only!.nextCursor : undefined;
  return {
    entries: pages
      .flatMap(({ entries }) => entries)
      .toSorted((one, other) => other.occurredAt.localeCompare(one.occurredAt))
      .slice(0, SHOWN),
    faults,
    next: next === undefined ? undefined : `/audit?${auditSearch(query, { cursor: next })}`,
  };
}

function entriesTable(entries: readonly AuditedEntry[]): Html {
  return table({
    caption: 'Audit entries, newest first',
    head: ['When (UTC)', 'Service', 'Who', 'Through', 'What', 'On what', 'Why', 'Outcome', 'Place'],
    rows: entries.map((entry) => [
      time(entry.occurredAt),
      entry.service,
      shortId(entry.actor, `/audit?${auditSearch(queryOf({ actor: entry.actor }))}`),
      entry.clientId ?? '–',
      html`<code>${entry.action}</code>`,
      entry.object === undefined
        ? '–'
        : shortId(entry.object, `/audit?${auditSearch(queryOf({ object: entry.object }))}`),
      entry.reason ?? '–',
      entry.outcome === 'done' ? badge('done', 'good') : badge(entry.outcome, 'bad'),
      html`<span title="SHA-256 ${entry.hash}">${entry.seq}</span>`,
    ]),
    empty: emptyState(
      'No entry fits',
      'Leave a field empty to search for any value. Values are compared exactly.',
    ),
  });
}

function queryOf(part: Partial<AuditQuery>): AuditQuery {
  return { service: '', actor: undefined, object: undefined, action: undefined, ...part };
}

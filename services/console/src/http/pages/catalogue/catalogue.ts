import { html, type Html } from '@tallystick/pages';
import { FiguresUnavailableError } from '../../../figures/figure-source.ts';
import {
  readInterfaceFigures,
  type InterfaceFigures,
  type Transport,
} from '../../../figures/interface-figures.ts';
import type { ConsoleParts } from '../../../parts.ts';
import type { Page } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { field, filters } from '../../parts/form.ts';
import { tabs } from '../../parts/more-pages.ts';
import { emptyState, problem } from '../../parts/notice.ts';
import { durationText, rateText, shareText } from '../../parts/numbers.ts';
import { table } from '../../parts/table.ts';
import {
  allMessages,
  allOperations,
  allTopics,
  entryPath,
  kinds,
  matches,
  pathOfName,
  versionsOf,
  type Kind,
} from './entries.ts';

const kindTitles: Readonly<Record<Kind, string>> = {
  operations: 'Operations',
  messages: 'Messages',
  topics: 'Topics',
};

/** Lists every operation, message and topic of contracts, with how they work now. */
export function cataloguePage({ figures: source }: ConsoleParts): Page {
  return {
    path: '/catalogue',
    title: 'Catalogue',
    scope: 'ledger:read',
    nav: 1,
    async show({ query }) {
      const kind = kinds.find((one) => one === query.get('kind')) ?? 'operations';
      const search = query.get('q')?.trim().slice(0, 100) ?? '';
      const { figures, fault } = await figuresOf(source);
      const counts = {
        operations: allOperations.length,
        messages: allMessages.length,
        topics: allTopics.length,
      };
      return {
        lead: 'What the services offer, send and handle, as their contracts say.',
        main: html`${fault}
        ${card({
          title: 'Find',
          body: html`${filters(
            '/catalogue',
            html`<input type="hidden" name="kind" value="${kind}" />${field({
                name: 'q',
                label: 'Name, service or words',
                type: 'search',
                value: search,
                lengthMax: 100,
              })}`,
          )}
          ${tabs(
            'Kinds',
            kinds.map((one) => ({
              href: `/catalogue?${new URLSearchParams({ kind: one, q: search }).toString()}`,
              words: `${kindTitles[one]} (${counts[one]})`,
              isHere: one === kind,
            })),
          )}`,
        })}
        ${card({ title: kindTitles[kind], body: tables[kind](search, figures) })}`,
      };
    },
    find: pathOfName,
  };
}

/** Figures of interfaces, or why there are none. */
export async function figuresOf(
  source: ConsoleParts['figures'],
): Promise<{ figures: readonly InterfaceFigures[]; fault: Html | undefined }> {
  try {
    return { figures: await readInterfaceFigures(source), fault: undefined };
  } catch (error) {
    if (!(error instanceof FiguresUnavailableError)) throw error;
    return { figures: [], fault: problem(error.message, 'The catalogue is shown without live figures.') };
  }
}

type Figures = readonly InterfaceFigures[];

const tables: Readonly<Record<Kind, (search: string, figures: Figures) => Html>> = {
  operations: (search, figures) =>
    table({
      caption: 'Operations',
      head: [
        'Operation',
        'Route',
        'Service',
        'Version',
        { title: 'Rate', kind: 'number' },
        { title: 'Failed', kind: 'number' },
        { title: 'p99', kind: 'number' },
      ],
      rows: allOperations
        .filter(({ id, summary, service, path, scope }) => matches(search, id, summary, service, path, scope))
        .map((one) => [
          html`<a href="${entryPath('operations', one.id)}"><strong>${one.id}</strong></a
            ><span class="two">${one.summary}</span>`,
          html`<code>${one.method} ${one.path}</code
            ><span class="two">scope <code>${one.scope}</code></span>`,
          one.service,
          versionBadges(one),
          ...liveCells(figures, one.id, 'http'),
        ]),
      empty: nothing,
    }),
  messages: (search, figures) =>
    table({
      caption: 'Messages',
      head: [
        'Message',
        'Kind',
        'From',
        'To',
        'Topic',
        'Version',
        { title: 'Rate', kind: 'number' },
        { title: 'Failed', kind: 'number' },
        { title: 'p99', kind: 'number' },
      ],
      rows: allMessages
        .filter(({ type, summary, topic, from, to }) => matches(search, type, summary, topic, ...from, ...to))
        .map((one) => [
          html`<a href="${entryPath('messages', one.type)}"><strong>${one.type}</strong></a
            ><span class="two">${one.summary}</span>`,
          html`${one.kind} ${one.classification === 'confidential' && badge('encrypted', 'accent')}`,
          one.from.join(', '),
          one.to.length === 0 ? html`<span class="soft">nobody</span>` : one.to.join(', '),
          html`<code>${one.topic}</code>`,
          versionBadges(one),
          ...liveCells(figures, one.type, 'kafka'),
        ]),
      empty: nothing,
    }),
  topics: (search) =>
    table({
      caption: 'Topics',
      head: [
        'Topic',
        'Owner',
        'Kept',
        { title: 'Partitions', kind: 'number' },
        { title: 'Messages', kind: 'number' },
      ],
      rows: allTopics
        .filter(({ name, owner, summary }) => matches(search, name, owner, summary))
        .map((one) => [
          html`<a href="${entryPath('topics', one.name)}"><strong>${one.name}</strong></a
            ><span class="two">${one.summary}</span>`,
          one.owner,
          one.cleanup === 'compacted' ? 'the last of each key' : 'for the retention time',
          String(one.partitions),
          String(allMessages.filter(({ topic }) => topic === one.name).length),
        ]),
      empty: nothing,
    }),
};

const nothing = emptyState(
  'Nothing has these words',
  'Search for a part of a name, a service, a scope or a topic.',
);

function versionBadges(one: Parameters<typeof versionsOf>[0]): Html {
  return html`<span class="badges"
    >${versionsOf(one).map(({ version, deprecated }) =>
      deprecated === undefined ? badge(String(version), 'plain') : badge(`${version} deprecated`, 'warn'),
    )}</span
  >`;
}

function liveCells(figures: Figures, name: string, transport: Transport): [string, string, string] {
  const found = figures.find((one) => one.name === name && one.transport === transport);
  if (found === undefined) return ['–', '–', '–'];
  return [rateText(found.ratePerS), shareText(found.failedShare), durationText(found.p99S)];
}

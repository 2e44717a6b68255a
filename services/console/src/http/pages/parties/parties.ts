import { operations } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { ENDS_SOON_S, producersOf, type Producer } from '../../../domain/producers.ts';
import { findRefused } from '../../../message-index/find-records.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { shownWithout } from '../../other-pages.ts';
import type { Page, PageRequest } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card, figures } from '../../parts/card.ts';
import { field, filters } from '../../parts/form.ts';
import { emptyState, hint } from '../../parts/notice.ts';
import { nextPage, table } from '../../parts/table.ts';
import { id, spanText, time } from '../../parts/text.ts';
import { partyPath } from './paths.ts';
import { refusedTable } from './refusals.ts';

const REFUSED_SHOWN = 10;
const CLIENTS_SHOWN = 100;
const PARTY_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

/** Lists the producers of messages with their keys, and the clients of the HTTP interface. */
export function partiesPage(parts: ConsoleParts): Page {
  return {
    path: '/parties',
    title: 'Parties',
    scope: 'clients:read',
    nav: 4,
    async show(request) {
      const wanted = request.query.get('party')?.trim() ?? '';
      if (PARTY_ID.test(wanted)) return { redirect: partyPath(wanted) };
      const producers = producersOf(parts.messaging.keyring.keys);
      return {
        lead: 'Who may send messages and call operations: services, third parties, clients, and the people behind them.',
        aside: html`<a class="button primary" href="/parties/enrol">Enrol a third party</a>`,
        main: html`${!parts.index.isFollowing && hint('Kafka does not answer: keys are shown as they were last read.')}
        ${figuresOf(producers, parts.nowMs())}
        ${card({
          title: 'Look up',
          body: filters(
            '/parties',
            field({
              name: 'party',
              label: 'Id of a party',
              value: wanted,
              help: 'A producer, client, customer (usr_…) or operator (opr_…)',
              lengthMax: 128,
            }),
          ),
        })}
        ${producersCard(producers, parts.nowMs())} ${await shownWithout(() => clientsCard(request))}
        ${card({
          title: 'Recent refusals',
          note: 'Messages that failed a check, by the sender that they claim.',
          aside: html`<a class="button" href="/quarantine">Quarantine</a>`,
          body: await shownWithout(async () =>
            refusedTable(await findRefused(parts.pool, { limit: REFUSED_SHOWN })),
          ),
        })}`,
      };
    },
  };
}

function figuresOf(producers: readonly Producer[], nowMs: number): Html {
  const soon = producers.filter((producer) => leftMs(producer, nowMs) < ENDS_SOON_S * 1_000);
  return figures([
    { name: 'Services', value: producers.filter(({ isService }) => isService).length },
    { name: 'Third parties', value: producers.filter(({ isService }) => !isService).length },
    {
      name: 'Without a key for 30 days',
      value: soon.length,
      tone: soon.length === 0 ? 'good' : 'warn',
      note:
        soon.length === 0 ? 'Every producer has one' : soon.map(({ producerId }) => producerId).join(', '),
    },
  ]);
}

function producersCard(producers: readonly Producer[], nowMs: number): Html {
  return card({
    title: 'Producers of messages',
    note: 'As the registrar’s snapshot on auth.keys.v1 lists their keys.',
    body: table({
      caption: 'Producers of messages and their keys',
      head: ['Producer', 'Kind', { title: 'Keys', kind: 'number' }, 'Last key ends (UTC)', 'Left'],
      rows: producers.map((producer) => [
        id(producer.producerId, partyPath(producer.producerId)),
        producer.isService ? badge('service', 'accent') : badge('third party'),
        producer.keys.filter(({ certificate: { status } }) => status === 'active').length,
        producer.endsAtS === undefined ? '–' : time(new Date(producer.endsAtS * 1_000).toISOString()),
        leftBadge(leftMs(producer, nowMs)),
      ]),
      empty: emptyState('No key is known', 'The console has not read a snapshot from auth.keys.v1 yet.'),
    }),
  });
}

function leftMs({ endsAtS }: Producer, nowMs: number): number {
  return endsAtS === undefined ? 0 : endsAtS * 1_000 - nowMs;
}

/** Renders how long a key is still valid. */
export function leftBadge(left: number): Html {
  if (left <= 0) return badge('no valid key', 'bad');
  return badge(spanText(left), left < ENDS_SOON_S * 1_000 ? 'warn' : 'good');
}

async function clientsCard({ client, query }: PageRequest): Promise<Html> {
  const { body } = await client.call(operations.clientList, {
    query: { limit: CLIENTS_SHOWN, cursor: query.get('cursor') ?? undefined },
  });
  const next =
    body.nextCursor === undefined
      ? undefined
      : `/parties?cursor=${encodeURIComponent(body.nextCursor)}#clients`;
  return card({
    title: 'Clients of the HTTP interface',
    id: 'clients',
    body: html`${table({
      caption: 'Clients, in the order of their ids',
      head: ['Client', 'Name', 'Signs in', { title: 'Scopes', kind: 'number' }, 'State'],
      rows: body.clients.map((one) => [
        id(one.clientId, partyPath(one.clientId)),
        one.name ?? '–',
        one.signsIn ?? 'acts for itself',
        one.scopes.length,
        one.disabledAt === undefined ? badge('enabled', 'good') : badge('disabled', 'bad'),
      ]),
      empty: emptyState('No client is registered', 'Clients come from the seed of auth.'),
    })}
    ${nextPage(next)}`,
  });
}

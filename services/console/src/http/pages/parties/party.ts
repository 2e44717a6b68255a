import { html, type Html } from '@tallystick/pages';
import { producersOf, type Producer } from '../../../domain/producers.ts';
import { findRefused } from '../../../message-index/find-records.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { findActs } from '../../../store/acts.ts';
import { carryOutAct, lastAct } from '../../acts.ts';
import { notFoundOf, shownWithout } from '../../other-pages.ts';
import type { Page } from '../../page.ts';
import { actsTable } from '../../parts/acts-table.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { emptyState } from '../../parts/notice.ts';
import { facts, id } from '../../parts/text.ts';
import { clientNamed, clientPart, type ListedClient } from './client-part.ts';
import { keysPart } from './keys-part.ts';
import { mandatesPart } from './mandates-part.ts';
import { orderedAct } from './party-acts.ts';
import { partyPath } from './paths.ts';
import { personPart } from './person-part.ts';
import { refusedTable } from './refusals.ts';

const SHOWN = 10;
const PARTY_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

/** Shows a party: its keys and permissions, its client, its mandates and refusals, and the acts that end its access. */
export function partyPage(parts: ConsoleParts): Page {
  return {
    path: '/parties/:partyId',
    title: 'Party',
    scope: 'clients:read',
    find: (text) => (producerNamed(parts, text) === undefined ? undefined : partyPath(text)),
    async show(request) {
      const partyId = request.params['partyId']!;
      if (!PARTY_ID.test(partyId)) return notFoundOf('party', partyId);
      const producer = producerNamed(parts, partyId);
      const client = await clientNamed(request, partyId);
      const isPerson = /^(usr|opr)_/.test(partyId);
      return {
        ...headOf(producer, client, partyId),
        aside: badges(producer, client),
        main: html`${lastAct(request.query)}
        ${
          producer === undefined &&
          client === undefined &&
          !isPerson &&
          card({
            title: 'Nothing has this name now',
            body: emptyState(
              'No key and no client',
              'A party without keys and without a client may still have mandates or accounts, or appear in audits.',
            ),
          })
        }
        ${client !== undefined && clientPart(client, request)} ${isPerson && personPart(partyId, request)}
        ${producer !== undefined && keysPart(producer, request, parts.nowMs())}
        ${await shownWithout(() => mandatesPart(partyId, request))}
        ${
          producer !== undefined &&
          card({
            title: 'Recent refusals',
            note: 'Messages that claim this sender and failed a check.',
            body: await shownWithout(async () =>
              refusedTable(await findRefused(parts.pool, { issuer: partyId, limit: SHOWN })),
            ),
          })
        }
        ${card({
          title: 'Acts on this party',
          body: await shownWithout(async () =>
            actsTable(await findActs(parts.pool, { object: partyId, limit: SHOWN })),
          ),
        })}
        ${elsewhere(partyId)}`,
      };
    },
    async act(request) {
      const partyId = request.params['partyId']!;
      const ordered = PARTY_ID.test(partyId) ? orderedAct(partyId, request.form) : undefined;
      return ordered === undefined
        ? { redirect: partyPath(partyId) }
        : carryOutAct(parts, request, { ...ordered, back: partyPath(partyId) });
    },
  };
}

function producerNamed({ messaging }: ConsoleParts, partyId: string): Producer | undefined {
  return producersOf(messaging.keyring.keys).find(({ producerId }) => producerId === partyId);
}

function headOf(
  producer: Producer | undefined,
  client: ListedClient | undefined,
  partyId: string,
): { title: string; lead: Html | string } {
  if (partyId.startsWith('usr_')) return { title: 'Customer', lead: id(partyId) };
  if (partyId.startsWith('opr_')) return { title: 'Operator', lead: id(partyId) };
  const kinds = [
    producer !== undefined && (producer.isService ? 'a service' : 'a third party with keys of its own'),
    client !== undefined && 'a client of the HTTP interface',
  ].filter((kind) => kind !== false);
  return {
    title: partyId,
    lead: kinds.length === 0 ? 'A party without keys' : `This is ${kinds.join(' and ')}.`,
  };
}

function badges(producer: Producer | undefined, client: ListedClient | undefined): Html {
  return html`${producer !== undefined && (producer.isService ? badge('service', 'accent') : badge('third party'))}
  ${client !== undefined && (client.disabledAt === undefined ? badge('enabled', 'good') : badge('disabled', 'bad'))}`;
}

function elsewhere(partyId: string): Html {
  const of = encodeURIComponent(partyId);
  return card({
    title: 'Elsewhere',
    body: facts([
      ['Accounts', html`<a href="/accounts?of=${of}">Accounts of this party</a>`],
      ['Audit, as actor', html`<a href="/audit?actor=${of}">What it did</a>`],
      ['Audit, as object', html`<a href="/audit?object=${of}">What was done to it</a>`],
    ]),
  });
}

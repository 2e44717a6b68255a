import {
  errorCodes,
  isRetired,
  OUTCOMES,
  quarantineOf,
  scopes,
  type MessageDefinition,
  type OperationDefinition,
  type ServiceName,
} from '@tallystick/contracts';
import { errorsOf, exampleOf, jsonSchemaOf, shortReleaseId } from '@tallystick/interfaces';
import { html, type Html, type HtmlPart } from '@tallystick/pages';
import type { DeclaredRelease } from '../../../app/declared-releases.ts';
import { findOfType } from '../../../message-index/find-records.ts';
import type { Transport } from '../../../figures/interface-figures.ts';
import type { ConsoleParts } from '../../../parts.ts';
import { shownWithout } from '../../other-pages.ts';
import type { Page, PageContent } from '../../page.ts';
import { badge } from '../../parts/badge.ts';
import { card } from '../../parts/card.ts';
import { disclosure } from '../../parts/form.ts';
import { json } from '../../parts/more-pages.ts';
import { emptyState } from '../../parts/notice.ts';
import { table } from '../../parts/table.ts';
import { facts, id, time } from '../../parts/text.ts';
import { interfaceTable } from '../overview/interface-table.ts';
import { paymentPath } from '../payments/paths.ts';
import { clientsCard } from './clients.ts';
import { figuresOf } from './catalogue.ts';
import { messageDocsLink, operationDocsLink } from './docs-link.ts';
import { allMessages, allOperations, allTopics, entryPath, kinds, versionsOf } from './entries.ts';

const RECENT_SHOWN = 10;

/** Shows one operation, message or topic: versions, parties, who uses it now, schema and examples. */
export function catalogueEntryPage(parts: ConsoleParts): Page {
  return {
    path: '/catalogue/:kind/:name',
    title: 'Catalogue',
    scope: 'ledger:read',
    async show({ params }) {
      const { kind, name = '' } = params;
      const operation = kind === 'operations' ? allOperations.find((one) => one.id === name) : undefined;
      if (operation !== undefined) return operationEntry(parts, operation);
      const message = kind === 'messages' ? allMessages.find(({ type }) => type === name) : undefined;
      if (message !== undefined) return messageEntry(parts, message);
      const topic = kind === 'topics' ? allTopics.find((one) => one.name === name) : undefined;
      return topic === undefined ? notListed(name) : topicEntry(topic);
    },
  };
}

async function operationEntry(parts: ConsoleParts, one: OperationDefinition): Promise<PageContent> {
  const body = jsonSchemaOf(one.body);
  const hasBody = one.method === 'POST' && Object.keys((body['properties'] ?? {}) as object).length > 0;
  return {
    title: one.id,
    lead: one.summary,
    aside: operationDocsLink(parts, one),
    main: html`${card({
      title: 'In short',
      body: facts([
        ['Route', html`<code>${one.method} ${one.path}</code>`],
        ['Served and owned by', one.service],
        ['Scope', html`<code>${one.scope}</code>`],
        ['Granted to', scopes[one.scope].grantees.map((grantee) => `${grantee}s`).join(' and ')],
        ['Proof', one.proof === 'dpop' ? 'a DPoP proof over the body' : 'none: a bearer token is enough'],
        ['Idempotency key', one.idempotent ? 'required' : 'not used'],
      ]),
    })}
    ${await liveCard(parts, one.id, 'http')} ${await clientsCard(parts, one.id, 'http', one)}
    ${versionsCard(one, parts.nowMs())} ${releasesCard(parts, [one.service], one.id, 'operations')}
    ${errorsCard(one)}
    ${card({
      title: 'Schema',
      body: html`${hasBody && html`${disclosure('Body', json(body))}`}
      ${disclosure('Response', json(jsonSchemaOf(one.response)))}
      ${hasBody && disclosure('Example of the body', json(firstExample(one) ?? exampleOf(body, one.id)))}`,
    })}`,
  };
}

async function messageEntry(parts: ConsoleParts, one: MessageDefinition): Promise<PageContent> {
  const schema = jsonSchemaOf(one.data);
  return {
    title: one.type,
    lead: one.summary,
    aside: messageDocsLink(parts, one),
    main: html`${card({
      title: 'In short',
      body: facts([
        ['Kind', one.kind],
        [
          'Topic',
          one.topic === OUTCOMES
            ? html`<code>${OUTCOMES}</code>, one of each third party`
            : topicLink(one.topic),
        ],
        ['Produced by', one.from.map(partyText).join(', ')],
        ['Consumed by', one.to.length === 0 ? 'nobody by itself' : one.to.map(partyText).join(', ')],
        ['Record key', html`<code>${one.key}</code>`],
        [
          'Classification',
          one.classification === 'confidential' ? 'confidential: travels encrypted' : one.classification,
        ],
        one.outcomes.length > 0 && [
          'Answered by',
          html`${one.outcomes.map((type) => html`<a href="${entryPath('messages', type)}">${type}</a> `)}`,
        ],
      ]),
    })}
    ${one.objective !== undefined && (await liveCard(parts, one.type, 'kafka'))}
    ${one.objective !== undefined && (await clientsCard(parts, one.type, 'kafka', one))}
    ${versionsCard(one, parts.nowMs())}
    ${releasesCard(parts, servicesIn([...one.from, ...one.to]), one.type, 'messages')}
    ${await shownWithout(() => newestCard(parts, one.type))}
    ${card({
      title: 'Schema',
      body: html`${disclosure('Payload', json(schema))}
      ${disclosure('Example', json(firstExample(one) ?? exampleOf(schema, one.type)))}`,
    })}`,
  };
}

async function newestCard({ pool }: ConsoleParts, type: string): Promise<Html> {
  const recent = await findOfType(pool, type, RECENT_SHOWN);
  return card({
    title: 'Newest messages',
    body: table({
      caption: 'Newest messages of this type',
      head: ['Written', 'Record key', 'Sender', 'State'],
      rows: recent.map((record) => [
        time(record.recordedAt.toISOString()),
        record.key === null ? '–' : id(record.key, paymentPath(record.key)),
        record.issuer ?? '–',
        record.isEncrypted
          ? badge('encrypted', 'warn')
          : record.failedCheck === null
            ? badge('signature holds', 'good')
            : badge('refused', 'bad'),
      ]),
      empty: emptyState('None yet', 'Nobody has sent this message since the index began.'),
    }),
  });
}

function topicEntry(topic: (typeof allTopics)[number]): PageContent {
  const own = allMessages.filter((one) => one.topic === topic.name);
  const isCompacted = topic.cleanup === 'compacted';
  return {
    title: topic.name,
    lead: topic.summary,
    main: html`${card({
      title: 'In short',
      body: facts([
        ['Owner', topic.owner],
        ['Partitions', String(topic.partitions)],
        ['Kept', isCompacted ? 'the last record of each key, for ever' : 'for the retention time'],
        ['Quarantine', isCompacted ? 'none' : html`<code>${quarantineOf(topic.name)}</code>`],
        ['Producers', [...new Set(own.flatMap(({ from }) => from))].map(partyText).join(', ') || '–'],
        ['Consumers', [...new Set(own.flatMap(({ to }) => to))].map(partyText).join(', ') || '–'],
      ]),
    })}
    ${card({
      title: 'Messages',
      body: table({
        caption: 'Messages on the topic',
        head: ['Message', 'From', 'To'],
        rows: own.map((one) => [
          html`<a href="${entryPath('messages', one.type)}"><strong>${one.type}</strong></a
            ><span class="two">${one.summary}</span>`,
          one.from.map(partyText).join(', '),
          one.to.map(partyText).join(', ') || '–',
        ]),
        empty: emptyState('No messages of contracts', 'The topic has certificates and snapshots of keys.'),
      }),
    })}`,
  };
}

function errorsCard(one: OperationDefinition): Html {
  const codes = errorsOf(one, one.version);
  return card({
    title: 'Errors',
    body: disclosure(
      `${codes.length} errors that it may answer`,
      table({
        caption: 'Errors of the operation',
        head: ['Error', 'Code', { title: 'Status', kind: 'number' }],
        rows: codes.map((code) => [
          errorCodes[code].title,
          html`<code>${code}</code>`,
          String(errorCodes[code].status),
        ]),
      }),
    ),
  });
}

function notListed(name: string): PageContent {
  return {
    title: 'Not in the catalogue',
    status: 404,
    main: html`<section class="card">
      ${emptyState(
        'Where else to look',
        html`This release has no interface <code>${name}</code>. A later one may.`,
      )}
      <ul class="links">
        ${kinds.map((kind) => html`<li><a href="/catalogue?kind=${kind}">All ${kind}</a></li>`)}
      </ul>
    </section>`,
  };
}

async function liveCard(
  { figures: source }: ConsoleParts,
  name: string,
  transport: Transport,
): Promise<Html> {
  const { figures, fault } = await figuresOf(source);
  const own = figures.filter((one) => one.name === name && one.transport === transport);
  return card({ title: 'Now', body: fault ?? interfaceTable(own) });
}

function versionsCard(one: Pick<OperationDefinition, 'versions'> | MessageDefinition, nowMs: number): Html {
  return card({
    title: 'Versions',
    body: table({
      caption: 'Versions with their lifetime',
      head: ['Version', 'Since', 'State'],
      rows: versionsOf(one).map(({ version, since, deprecated }) => [
        html`<strong>${version}</strong>`,
        since,
        deprecated === undefined
          ? badge('current', 'good')
          : isRetired({ since, deprecated }, nowMs)
            ? badge(`retired on ${deprecated.sunset}`, 'bad')
            : badge(`deprecated, refused from ${deprecated.sunset}; use ${deprecated.use}`, 'warn'),
      ]),
    }),
  });
}

/** Shows which releases declared the interface, from the registry of contracts on Kafka. */
function releasesCard(
  { releases }: ConsoleParts,
  services: readonly ServiceName[],
  name: string,
  kind: 'operations' | 'messages',
): Html {
  const versionsIn = (one: DeclaredRelease): string[] =>
    [...one[kind]].filter((key) => key.startsWith(`${name}@`)).map((key) => key.slice(name.length + 1));
  const found = releases.all.filter(({ service }) => services.some((one) => one === service));
  return card({
    title: 'Releases',
    note: 'The versions that each release of the services concerned declared at its start.',
    body: table({
      caption: 'Releases that declared contracts',
      head: ['Service', 'Release', 'Declared', 'Versions'],
      rows: found
        .slice(0, RECENT_SHOWN)
        .map((one) => [
          one.service,
          html`<code>${shortReleaseId(one.releaseId)}</code>`,
          time(one.declaredAt),
          versionsIn(one).join(', ') || html`<span class="soft">none</span>`,
        ]),
      empty: emptyState('No release is known', 'A service declares its contracts at its start.'),
    }),
  });
}

function topicLink(topic: string): HtmlPart {
  const isListed = allTopics.some(({ name }) => name === topic);
  return isListed
    ? html`<a href="${entryPath('topics', topic)}"><code>${topic}</code></a>`
    : html`<code>${topic}</code>`;
}

function servicesIn(parties: readonly string[]): ServiceName[] {
  return [...new Set(parties)].filter((party) => party !== 'client') as ServiceName[];
}

function partyText(party: string): string {
  return party === 'client' ? 'third parties' : party;
}

function firstExample({
  version,
  versions,
}: Pick<MessageDefinition, 'version'> & {
  versions: Readonly<Record<number, { examples?: readonly unknown[] }>>;
}): unknown {
  return versions[version]?.examples?.[0];
}

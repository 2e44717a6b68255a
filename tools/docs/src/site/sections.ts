import { globSync } from 'node:fs';
import {
  messages,
  operations,
  OUTCOMES,
  services,
  topics,
  type MessageDefinition,
  type OperationDefinition,
} from '@tallystick/contracts';
import { documentPage, slugOf } from '../pages/document.ts';
import type { Addresses } from '../pages/links.ts';
import type { Page, Section } from '../pages/page.ts';
import { messagePage, topicName } from '../reference/message-page.ts';
import { operationPage } from '../reference/operation-page.ts';
import { messagesPage, operationsPage } from '../reference/overview-pages.ts';
import { withErrorPlaces, withReferenceLinks } from '../reference/reference-links.ts';
import { drawDiagrams } from '../diagrams/draw-diagrams.ts';
import { ROOT } from './places.ts';

/** A part of the sidebar that shows documents of the repository. */
interface Documents {
  label: string;
  sources: readonly string[];
  collapsed?: boolean;
}

/** Documents before the reference, in reading order. */
const guides: readonly Documents[] = [
  {
    label: 'Start here',
    sources: [
      'docs/start/http.md',
      'docs/start/kafka.md',
      'docs/start/operator.md',
      'docs/start/engineer.md',
    ],
  },
  {
    label: 'Guides',
    sources: [
      'docs/guides/signed-requests.md',
      'docs/guides/idempotency.md',
      'docs/guides/retries.md',
      'docs/guides/errors.md',
      'docs/guides/versions.md',
      'docs/guides/outcomes.md',
      'docs/guides/keys.md',
      'docs/guides/stolen-keys.md',
    ],
  },
  {
    label: 'Interfaces',
    sources: [
      'docs/http.md',
      'docs/envelope.md',
      'packages/security/vectors/README.md',
      'docs/payment-states.md',
      'docs/card-states.md',
      'docs/errors.md',
      'docs/interfaces/changelog.md',
      'docs/interfaces/deprecations.md',
      'docs/standards.md',
    ],
  },
  {
    label: 'Client libraries',
    sources: ['packages/client/README.md', 'packages/producer/README.md', 'packages/python/README.md'],
  },
];

/** Documents behind the reference. */
const rest: readonly Documents[] = [
  {
    label: 'Running it',
    sources: [
      'infra/README.md',
      'docs/settings.md',
      ...globSync('infra/runbooks/*.md', { cwd: ROOT }).toSorted(),
      'docs/performance.md',
      'SECURITY.md',
    ],
    collapsed: true,
  },
  {
    label: 'Engineering',
    sources: [
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'README.md',
      'docs/site/README.md',
      ...globSync('{services,packages,tools}/*/README.md', { cwd: ROOT })
        .filter((path) => !/packages\/(client|producer|python)\//.test(path))
        .toSorted(),
    ],
    collapsed: true,
  },
];

/** The first page. */
const HOME = 'docs/README.md';
const ERRORS = 'docs/errors.md';
const LABELS: Readonly<Record<string, string>> = {
  'README.md': 'Commands',
  'docs/site/README.md': 'docs/site',
};

/** Returns the address of each document that the site shows. */
export function documentSlugs(): Map<string, string> {
  const sources = [...guides, ...rest].flatMap(({ sources: those }) => those);
  return new Map([
    [HOME, ''],
    ...sources.map((source) => [source, source === 'README.md' ? 'commands' : slugOf(source)] as const),
  ]);
}

/** Makes every page of the site, in the order of the sidebar. */
export async function sections(addresses: Addresses): Promise<{ home: Page; sidebar: Section[] }> {
  const pagesFrom = async ({ label, sources, collapsed = false }: Documents): Promise<Section> => ({
    label,
    collapsed,
    entries: await Promise.all(
      sources.map(async (source) => {
        const page = documentPage(source, addresses);
        const drawn = await drawDiagrams(page);
        const body = source === ERRORS ? withErrorPlaces(drawn) : withReferenceLinks(drawn);
        return { ...page, body, ...labelOf(source) };
      }),
    ),
  });
  const [before, after] = await Promise.all([
    Promise.all(guides.map(pagesFrom)),
    Promise.all(rest.map(pagesFrom)),
  ]);
  return {
    home: documentPage(HOME, addresses),
    sidebar: [...before, await operationSections(), await messageSections(), ...after],
  };
}

function labelOf(source: string): { label?: string } {
  const label = LABELS[source] ?? /^(?:services|packages|tools)\/\w+(?=\/README\.md$)/.exec(source)?.[0];
  return label === undefined ? {} : { label };
}

async function operationSections(): Promise<Section> {
  const named = Object.entries<OperationDefinition>(operations);
  const byService = services.map(async (service) => ({
    label: service,
    collapsed: true,
    entries: await Promise.all(
      named
        .filter(([, operation]) => operation.service === service)
        .map(([name, operation]) => operationPage(name, operation)),
    ),
  }));
  return {
    label: 'Operations',
    collapsed: true,
    entries: [operationsPage(), ...(await Promise.all(byService))],
  };
}

async function messageSections(): Promise<Section> {
  const named = Object.entries<MessageDefinition>(messages);
  const all = named.map(([, message]) => message);
  const used = [OUTCOMES, ...Object.keys(topics), ...all.map(({ topic }) => topic)];
  const byTopic = [...new Set(used)]
    .map((topic) => [topic, named.filter(([, message]) => message.topic === topic)] as const)
    .filter(([, those]) => those.length > 0)
    .map(async ([topic, those]) => ({
      label: topicName(topic),
      collapsed: true,
      entries: await Promise.all(those.map(([name, message]) => messagePage(name, message, all))),
    }));
  return {
    label: 'Messages',
    collapsed: true,
    entries: [messagesPage(), ...(await Promise.all(byTopic))],
  };
}

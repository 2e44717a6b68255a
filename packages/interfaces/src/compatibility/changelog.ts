import { addressOf } from './break-kinds.ts';
import type { Comparison } from './compare.ts';
import type { Contracts, MessageContract, OperationContract } from './contracts.ts';
import { eachChange } from './reserved.ts';
import type { SchemaChange } from './schema-changes.ts';

/** The top of the changelog. Releases follow, the newest first. */
export const CHANGELOG_HEAD = `# Changelog of interfaces

Written by \`npx tallystick contracts release\` from the contracts. Fields are JSON Pointers (RFC 6901): \`-\` stands for any item of a list, \`*\` for any further field.
`;

/**
 * Writes what changed since the last release, in Markdown.
 * @param base the last release; `undefined` for the first
 * @param waived the breaking changes among it, with their reasons
 */
export function changelogEntry(
  base: Contracts | undefined,
  current: Contracts,
  waived: Comparison['waived'] = [],
): string {
  const lines = base === undefined ? firstLines(current) : changeLines(base, current);
  const breaking = waived.map(
    ({ break: one, reason }) =>
      `- **Breaking**: ${addressOf(one)}${one.field === '' ? '' : ` \`${one.field}\``}: ${one.detail}. Hurts ${one.hurts}. Reason: ${reason}`,
  );
  const all = [...breaking, ...lines];
  return `## ${current.date}\n\n${(all.length === 0 ? ['- No interface changed.'] : all).join('\n')}\n`;
}

/** Puts an entry above those of earlier releases. */
export function withEntry(changelog: string | undefined, entry: string): string {
  const earlier = (changelog ?? '').split(/^(?=## )/m).slice(1);
  return [CHANGELOG_HEAD, entry, ...earlier].map((part) => part.trim()).join('\n\n') + '\n';
}

function firstLines({ operations, messages, topics }: Contracts): string[] {
  const count = (all: object, word: string): string => `${Object.keys(all).length} ${word}`;
  return [
    `- First release: ${count(operations, 'versions of operations')}, ${count(messages, 'versions of messages')}, ${count(topics, 'topics')}.`,
  ];
}

function changeLines(base: Contracts, current: Contracts): string[] {
  return [
    ...listed('operation', base.operations, current.operations),
    ...listed('message', base.messages, current.messages),
    ...added(base.topics, current.topics).map((name) => `- New topic \`${name}\`.`),
    ...added(base.wire, current.wire).map((name) => `- New wire format \`${name}\`.`),
    ...added(base.errors, current.errors).map((code) => `- New error \`${code}\`.`),
    ...eachChange(base, current).flatMap(({ what, address, change }) => {
      const words = wordsOf(change);
      return words === undefined ? [] : [`- ${what} \`${address}\` \`${change.at}\`: ${words}.`];
    }),
  ];
}

function added(base: object, current: object): string[] {
  return Object.keys(current).filter((name) => !Object.hasOwn(base, name));
}

function listed(
  what: string,
  base: Record<string, MessageContract | OperationContract>,
  current: Record<string, MessageContract | OperationContract>,
): string[] {
  return [
    ...added(base, current).map((address) => `- New ${what} \`${address}\`${placeOf(current[address]!)}.`),
    ...added(current, base).map((address) => `- Removed ${what} \`${address}\`.`),
    ...Object.entries(current).flatMap(([address, { deprecated }]) => {
      const was = base[address]?.deprecated;
      if (base[address] === undefined || JSON.stringify(was) === JSON.stringify(deprecated)) return [];
      return deprecated === undefined
        ? [`- ${what} \`${address}\` is no longer deprecated.`]
        : [
            `- Deprecated ${what} \`${address}\` since ${deprecated.since}: use version ${deprecated.use}; refused from ${deprecated.sunset}.`,
          ];
    }),
    ...Object.entries(current).flatMap(([address, after]) => {
      const before = base[address] as Record<string, unknown> | undefined;
      if (before === undefined) return [];
      return Object.entries(ATTRIBUTES)
        .filter(([name]) => JSON.stringify(before[name]) !== JSON.stringify((after as typeof before)[name]))
        .map(
          ([name, words]) =>
            `- ${what} \`${address}\`: ${words} ${differenceOf(before[name], (after as typeof before)[name])}.`,
        );
    }),
  ];
}

/** What an interface has beside its schemas, in words. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  service: 'service',
  method: 'method',
  path: 'path',
  scope: 'scope',
  proof: 'proof',
  headers: 'required headers',
  mediaTypes: 'media types',
  successStatuses: 'statuses of success',
  location: 'location',
  authority: 'roles that may',
  errors: 'errors',
  kind: 'kind',
  topic: 'topic',
  key: 'record key',
  from: 'senders',
  to: 'readers',
  lifetimeS: 'lifetime in seconds',
  outcomes: 'outcomes',
  classification: 'classification',
};

function placeOf(contract: MessageContract | OperationContract): string {
  return 'path' in contract
    ? `: \`${contract.method} ${contract.path}\` of ${contract.service}`
    : `: ${contract.kind} on \`${contract.topic}\``;
}

function wordsOf({ what, before, after }: SchemaChange): string | undefined {
  switch (what) {
    case 'field':
      return after === undefined ? 'field removed' : 'new field';
    case 'required':
      return after === true ? 'now required' : 'now optional';
    case 'branch':
      return after === undefined ? 'a kind of value removed' : 'a new kind of value';
    default:
      return `${what} ${valueOf(before)} became ${valueOf(after)}`;
  }
}

/** Tells what a list gained and lost, and of another value what it was and is. */
function differenceOf(before: unknown, after: unknown): string {
  if (!Array.isArray(before) || !Array.isArray(after)) return `${valueOf(before)} became ${valueOf(after)}`;
  const [gained, lost] = [
    after.filter((one) => !before.includes(one)),
    before.filter((one) => !after.includes(one)),
  ];
  return [
    ...(gained.length === 0 ? [] : [`now also ${gained.join(', ')}`]),
    ...(lost.length === 0 ? [] : [`no longer ${lost.join(', ')}`]),
  ].join('; ');
}

function valueOf(value: unknown): string {
  if (value === undefined || value === '') return 'none';
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
    return value.join(', ') || 'none';
  return typeof value === 'string' ? `\`${value}\`` : `\`${JSON.stringify(value)}\``;
}

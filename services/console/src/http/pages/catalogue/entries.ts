import {
  messages,
  operations,
  topics,
  type Deprecation,
  type MessageDefinition,
  type OperationDefinition,
  type TopicDefinition,
} from '@tallystick/contracts';

/** What the catalogue lists. */
export const kinds = ['operations', 'messages', 'topics'] as const;
export type Kind = (typeof kinds)[number];

export const allOperations: readonly OperationDefinition[] = Object.values(operations);
export const allMessages: readonly MessageDefinition[] = Object.values(messages);
export const allTopics: readonly (TopicDefinition & { name: string })[] = Object.entries<TopicDefinition>(
  topics,
).map(([name, definition]) => ({ ...definition, name }));

/** Returns the page of an entry. */
export function entryPath(kind: Kind, name: string): string {
  return `/catalogue/${kind}/${encodeURIComponent(name)}`;
}

/** Returns the page of the entry with exactly this name. */
export function pathOfName(name: string): string | undefined {
  if (allOperations.some(({ id }) => id === name)) return entryPath('operations', name);
  if (allMessages.some(({ type }) => type === name)) return entryPath('messages', name);
  return allTopics.some((one) => one.name === name) ? entryPath('topics', name) : undefined;
}

/** A version of an interface with its lifetime. */
export interface VersionEntry {
  version: number;
  since: string;
  deprecated: Deprecation | undefined;
}

/** Returns the versions of an interface, the newest first. */
export function versionsOf({
  versions,
}: Pick<OperationDefinition | MessageDefinition, 'versions'>): VersionEntry[] {
  return Object.entries(versions)
    .map(([version, { since, deprecated }]) => ({ version: Number(version), since, deprecated }))
    .sort((a, b) => b.version - a.version);
}

/** Returns whether an entry has all words of a search in its name, summary or parties. */
export function matches(search: string, ...texts: readonly string[]): boolean {
  const text = texts.join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

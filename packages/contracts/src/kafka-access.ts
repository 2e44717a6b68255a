import type { Permission } from './operations/auth.ts';
import { servicePermissions } from './permissions.ts';
import { quarantineOf, services, topics, type ServiceName, type TopicName } from './topics.ts';

/** The key topic, which each process follows from its beginning. */
const KEY_TOPIC: TopicName = 'auth.keys.v1';

/** The topics that each service consumes, as its `service.ts` subscribes to them. */
export const consumedTopics: Record<ServiceName, readonly TopicName[]> = {
  auth: [],
  account: ['account.commands.v1'],
  card: ['card.commands.v1', 'account.events.v1'],
  payment: ['payment.commands.v1', 'account.events.v1', 'card.events.v1'],
};

/** Where each service finds words of its own again that its database was set back behind. Auth does in the key topic. */
export const recalledTopics: Record<ServiceName, readonly TopicName[]> = {
  auth: [],
  account: ['account.events.v1'],
  card: ['account.commands.v1', 'card.events.v1'],
  payment: ['account.commands.v1', 'card.commands.v1'],
};

/** Whose name the groups begin with in which a service reads its own words again, each start in a new one. */
export function recallGroupOf(service: string): string {
  return `${service}.recall`;
}

/** What the names of the groups begin with in which an operator reads what was set aside, each time in a new one. */
export const operatorGroups = 'operate.';

/** What a user of Kafka may do with one topic or consumer group: its ACLs are these, and none else. */
export interface KafkaAccess {
  resource: 'topic' | 'group';
  name: string;
  /** `prefix`: all that begin with the name. */
  pattern: 'literal' | 'prefix';
  operations: readonly KafkaOperation[];
}

export type KafkaOperation = 'Read' | 'Write' | 'Describe' | 'Delete';

/** A service reads what it consumes and what it wrote, writes what its certificate lets it sign, and quarantines what it refuses. */
export function serviceKafkaAccess(service: ServiceName): KafkaAccess[] {
  const reads = consumedTopics[service];
  const writes = [
    // its certificates come of the registrar's key and not of a service's
    ...(topics[KEY_TOPIC].owner === service ? [KEY_TOPIC] : []),
    ...topicsOf(servicePermissions(service)),
    ...reads.map(quarantineOf),
  ];
  return [
    ...topicAccess([KEY_TOPIC, ...reads, ...recalledTopics[service]], writes),
    ...(reads.length === 0 ? [] : [access('group', service, ['Read', 'Describe'])]),
    ...(recalledTopics[service].length === 0
      ? []
      : [access('group', `${recallGroupOf(service)}.`, ['Read', 'Describe'], 'prefix')]),
    ownKeyGroups(service),
  ];
}

/** Every topic that a service reads or writes, quarantines among them: without one of them it cannot work. */
export function serviceTopics(service: ServiceName): string[] {
  return serviceKafkaAccess(service)
    .filter(({ resource }) => resource === 'topic')
    .map(({ name }) => name);
}

/** An outside producer writes the topics that its certificate names, and reads what their owners tell of it. */
export function producerKafkaAccess(producerId: string, permissions: readonly Permission[]): KafkaAccess[] {
  const writes = topicsOf(permissions);
  const results = Object.keys(topics).filter((topic) =>
    writes.some((written) => topic === written.replace('.commands.', '.events.')),
  );
  return [
    ...topicAccess([KEY_TOPIC, ...(writes.length === 0 ? [] : results)], writes),
    ...(writes.length === 0
      ? []
      : [access('group', `${producerId}.reader.`, ['Read', 'Describe'], 'prefix')]),
    ownKeyGroups(producerId),
  ];
}

/**
 * An operator lists what was set aside of any topic, and publishes it to its topic again where a service sets anything aside.
 * All else that an operator does about a topic, a service's own user may: it publishes what it said itself.
 */
export function operatorKafkaAccess(): KafkaAccess[] {
  const consumed = new Set<string>(services.flatMap((service) => consumedTopics[service]));
  const names = Object.entries(topics)
    .filter(([, { cleanup }]) => cleanup !== 'compacted')
    .map(([name]) => name);
  return [
    ...topicAccess(
      names.map(quarantineOf),
      names.filter((name) => consumed.has(name)),
    ),
    access('group', operatorGroups, ['Read', 'Describe'], 'prefix'),
  ];
}

/** Each process follows the key topic in a group of its own, which it removes when it stops. */
function ownKeyGroups(user: string): KafkaAccess {
  return access('group', `${user}.keys.`, ['Read', 'Describe', 'Delete'], 'prefix');
}

/** What is signed for another audience travels inside messages, on no topic of its own. */
function topicsOf(permissions: readonly Permission[]): string[] {
  return permissions.map(({ topic }) => topic).filter((topic) => topic in topics);
}

function topicAccess(reads: readonly string[], writes: readonly string[]): KafkaAccess[] {
  return [...new Set([...reads, ...writes])].map((topic) =>
    access('topic', topic, [
      ...(reads.includes(topic) ? (['Read'] as const) : []),
      ...(writes.includes(topic) ? (['Write'] as const) : []),
      'Describe',
    ]),
  );
}

function access(
  resource: KafkaAccess['resource'],
  name: string,
  operations: readonly KafkaOperation[],
  pattern: KafkaAccess['pattern'] = 'literal',
): KafkaAccess {
  return { resource, name, pattern, operations };
}

/** Services that consume anything, each with a consumer group of its name. */
export const consumingServices = services.filter((service) => consumedTopics[service].length > 0);

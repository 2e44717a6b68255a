import { clientPermissions, servicePermissions } from './permissions.ts';
import { register as released, type Register } from './register.ts';
import type { Permission } from './shapes/keys.ts';
import { consumedTopics, consumingServices, replayedTopics } from './subscriptions.ts';
import {
  isTopic,
  KEY_TOPIC,
  OUTCOMES,
  OUTCOMES_PREFIX,
  outcomesOf,
  quarantineOf,
  services,
  topicOf,
  topics,
  type ServiceName,
  type TopicName,
} from './topics.ts';

/**
 * Returns the name prefix of a service's replay groups, the consumer groups in which it replays its own messages. Each
 * start uses a new group.
 */
export function replayGroupOf(service: string): string {
  return `${service}.replay`;
}

/** Returns the name prefix of the groups in which a program reads the contracts of services; each reading uses a new one. */
export function contractsGroupOf(program: string): string {
  return `${program}.contracts`;
}

/** The topics with the contracts of each service. */
export const contractTopics: readonly TopicName[] = services.map((service) => topicOf(service, 'contracts'));

/** Name prefix of the consumer groups in which an operator reads quarantines; each command uses a new group. */
export const operatorGroups = 'admin.';

/** The rights of a Kafka user on one topic or consumer group: exactly its ACLs. */
export interface KafkaAccess {
  resource: 'topic' | 'group';
  name: string;
  /** `prefix`: every resource whose name starts with this name. */
  pattern: 'literal' | 'prefix';
  operations: readonly KafkaOperation[];
}

export type KafkaOperation = 'Create' | 'Read' | 'Write' | 'Describe' | 'Delete';

/**
 * Returns the Kafka rights of a service. It reads the topics that it consumes or replays, writes the topics that its
 * certificate lets it sign for, and quarantines refused records. The registrar's service creates topics of outcomes.
 */
export function serviceKafkaAccess(service: ServiceName, register: Register = released): KafkaAccess[] {
  const own = ownKafkaAccess(service, register);
  return service === 'console' ? merged([...own, ...observerKafkaAccess(register)]) : own;
}

/**
 * Returns the further rights of the console: it reads every topic and every quarantine, and releases quarantined
 * records as an operator does.
 */
function observerKafkaAccess(register: Register): KafkaAccess[] {
  const names = Object.keys(topics);
  return [
    ...topicAccess([...names, ...names.filter(isQuarantined).map(quarantineOf)], []),
    access('topic', OUTCOMES_PREFIX, ['Read', 'Describe'], 'prefix'),
    access('group', 'console.', ['Read', 'Describe', 'Delete'], 'prefix'),
    ...operatorKafkaAccess(register),
  ];
}

/** Returns one entry for each resource, with all its operations. */
function merged(list: readonly KafkaAccess[]): KafkaAccess[] {
  const byResource = Map.groupBy(list, ({ resource, name, pattern }) => `${resource} ${pattern} ${name}`);
  return [...byResource.values()].map((same) => ({
    ...same[0]!,
    operations: [...new Set(same.flatMap(({ operations }) => operations))],
  }));
}

function ownKafkaAccess(service: ServiceName, register: Register): KafkaAccess[] {
  const reads = consumedTopics(service, register);
  const replays = replayedTopics(service, register);
  const permissions = servicePermissions(service, register);
  const isRegistrar = topics[KEY_TOPIC].owner === service;
  const writes = [
    // The registrar's key signs the certificates on this topic, so no permission of a service key covers it.
    ...(isRegistrar ? [KEY_TOPIC] : []),
    ...topicsOf(permissions),
    ...reads.map(quarantineOf),
  ];
  return [
    ...topicAccess([KEY_TOPIC, ...contractTopics, ...reads, ...replays], writes),
    ...(isRegistrar ? [access('topic', OUTCOMES_PREFIX, ['Create', 'Describe'], 'prefix')] : []),
    ...(permissions.some(({ topic }) => topic === OUTCOMES)
      ? [access('topic', OUTCOMES_PREFIX, ['Write', 'Describe'], 'prefix')]
      : []),
    ...(reads.length === 0 ? [] : [access('group', service, ['Read', 'Describe'])]),
    ...seesReleases(register).filter(({ name }) => name !== service),
    ...(replays.length === 0
      ? []
      : [access('group', `${replayGroupOf(service)}.`, ['Read', 'Describe'], 'prefix')]),
    ownKeyGroups(service),
    access('group', `${contractsGroupOf(service)}.`, ['Read', 'Describe'], 'prefix'),
  ];
}

/** Returns every topic that a service reads or writes, including quarantines; it needs all of them. */
export function serviceTopics(service: ServiceName, register: Register = released): string[] {
  return serviceKafkaAccess(service, register)
    .filter(({ resource, pattern }) => resource === 'topic' && pattern === 'literal')
    .map(({ name }) => name);
}

/**
 * Returns the Kafka rights of a third party. It writes the topics in its certificate and reads its own topic of outcomes.
 */
export function producerKafkaAccess(producerId: string, permissions: readonly Permission[]): KafkaAccess[] {
  const writes = topicsOf(permissions);
  return [
    ...topicAccess([KEY_TOPIC, outcomesOf(producerId)], writes),
    ...(writes.length === 0
      ? []
      : [access('group', `${producerId}.reader.`, ['Read', 'Describe'], 'prefix')]),
    ownKeyGroups(producerId),
  ];
}

/**
 * Returns the Kafka rights of an operator. An operator may list the quarantine of any topic and release records to each
 * topic that a service consumes. The other operator commands on a topic use the service's own Kafka user, because they
 * republish the service's own messages.
 */
export function operatorKafkaAccess(register: Register = released): KafkaAccess[] {
  const consumed = new Set<string>(
    consumingServices(register).flatMap((service) => consumedTopics(service, register)),
  );
  const names = Object.keys(topics).filter(isQuarantined);
  return [
    ...topicAccess(
      [KEY_TOPIC, ...contractTopics, ...names.map(quarantineOf)],
      names.filter((name) => consumed.has(name)),
    ),
    access('group', operatorGroups, ['Read', 'Describe'], 'prefix'),
    ...seesReleases(register),
  ];
}

/** Whether the records of a topic may be quarantined: a compacted topic has no quarantine. */
function isQuarantined(name: string): boolean {
  return isTopic(name) && topics[name].cleanup !== 'compacted';
}

/** The members of a service's group name their release, so one may see which releases run. */
function seesReleases(register: Register): KafkaAccess[] {
  return consumingServices(register).map((service) => access('group', service, ['Describe']));
}

/** Each process follows the key topic in its own group, which it removes when it stops. */
function ownKeyGroups(user: string): KafkaAccess {
  return access('group', `${user}.keys.`, ['Read', 'Describe', 'Delete'], 'prefix');
}

/** Returns the topics that third parties may write. Their records are never waited for. */
export function outsideTopics(register: Register = released): string[] {
  return topicsOf(clientPermissions(register));
}

/** Returns the topics among the audiences of permissions. Envelopes for other audiences travel inside messages. */
function topicsOf(permissions: readonly Permission[]): string[] {
  return permissions.map(({ topic }) => topic).filter(isTopic);
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

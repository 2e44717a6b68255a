import { servicePermissions } from './permissions.ts';
import { register as released, type Register } from './register.ts';
import type { Permission } from './shapes/keys.ts';
import { consumedTopics, consumingServices, replayedTopics } from './subscriptions.ts';
import { isTopic, KEY_TOPIC, quarantineOf, topics, type ServiceName } from './topics.ts';

/** Whose name the groups begin with in which a service reads its own words again, each start in a new one. */
export function replayGroupOf(service: string): string {
  return `${service}.replay`;
}

/** What the names of the groups begin with in which an operator reads what was set aside, each time in a new one. */
export const operatorGroups = 'admin.';

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
export function serviceKafkaAccess(service: ServiceName, register: Register = released): KafkaAccess[] {
  const reads = consumedTopics(service, register);
  const replays = replayedTopics(service, register);
  const writes = [
    // its certificates come of the registrar's key and not of a service's
    ...(topics[KEY_TOPIC].owner === service ? [KEY_TOPIC] : []),
    ...topicsOf(servicePermissions(service, register)),
    ...reads.map(quarantineOf),
  ];
  return [
    ...topicAccess([KEY_TOPIC, ...reads, ...replays], writes),
    ...(reads.length === 0 ? [] : [access('group', service, ['Read', 'Describe'])]),
    ...(replays.length === 0
      ? []
      : [access('group', `${replayGroupOf(service)}.`, ['Read', 'Describe'], 'prefix')]),
    ownKeyGroups(service),
  ];
}

/** Every topic that a service reads or writes, quarantines among them: without one of them it cannot work. */
export function serviceTopics(service: ServiceName, register: Register = released): string[] {
  return serviceKafkaAccess(service, register)
    .filter(({ resource }) => resource === 'topic')
    .map(({ name }) => name);
}

/** A third party writes the topics that its certificate names, and reads the topics of what answers its commands. */
export function producerKafkaAccess(
  producerId: string,
  permissions: readonly Permission[],
  { messages }: Register = released,
): KafkaAccess[] {
  const sent = new Set(permissions.flatMap(({ topic, types }) => types.map((type) => `${topic} ${type}`)));
  const all = Object.values(messages);
  const answers = new Set(
    all.flatMap(({ topic, type, outcomes }) => (sent.has(`${topic} ${type}`) ? outcomes : [])),
  );
  const results = all.filter(({ type }) => answers.has(type)).map(({ topic }) => topic);
  const writes = topicsOf(permissions);
  return [
    ...topicAccess([KEY_TOPIC, ...results], writes),
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
export function operatorKafkaAccess(register: Register = released): KafkaAccess[] {
  const consumed = new Set<string>(
    consumingServices(register).flatMap((service) => consumedTopics(service, register)),
  );
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

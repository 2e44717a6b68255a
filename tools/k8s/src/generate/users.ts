import {
  consumedTopics,
  quarantineOf,
  servicePermissions,
  services,
  topics,
  type ServiceName,
  type TopicName,
} from '@tallystick/contracts';

/** The key topic, which each process follows from its beginning. */
const KEY_TOPIC: TopicName = 'auth.keys.v1';

interface Acl {
  resource: { type: 'topic' | 'group'; name: string; patternType: 'literal' | 'prefix' };
  operations: string[];
}

/**
 * A `KafkaUser` for each service, which may read what it consumes and send what its certificate lets it sign; and one
 * for the autoscaler, which may see how far each group is behind.
 */
export function kafkaUsers(): object[] {
  return [
    ...services.map((service) => kafkaUser(service, aclsOf(service))),
    kafkaUser('autoscaler', autoscalerAcls()),
  ];
}

/** What a service's user may do on Kafka, and no more. */
export function aclsOf(service: ServiceName): Acl[] {
  const reads = consumedTopics[service];
  const writes = [
    ...servicePermissions(service)
      .map(({ topic }) => topic)
      // what is signed for another audience travels inside messages, on no topic of its own
      .filter((topic) => topic in topics),
    ...reads.map(quarantineOf),
  ];
  return [
    acl('topic', KEY_TOPIC, ['Read', 'Describe', ...(service === 'auth' ? ['Write'] : [])]),
    ...reads.map((topic) =>
      acl('topic', topic, ['Read', 'Describe', ...(writes.includes(topic) ? ['Write'] : [])]),
    ),
    ...writes
      .filter((topic) => !(reads as readonly string[]).includes(topic) && topic !== KEY_TOPIC)
      .map((topic) => acl('topic', topic, ['Write', 'Describe'])),
    ...(reads.length === 0 ? [] : [acl('group', service, ['Read', 'Describe'])]),
    // each process follows the key topic in a group of its own, which it removes when it stops
    acl('group', `${service}.keys.`, ['Read', 'Describe', 'Delete'], 'prefix'),
  ];
}

function autoscalerAcls(): Acl[] {
  const consumers = services.filter((service) => consumedTopics[service].length > 0);
  const names = [...new Set(consumers.flatMap((service) => consumedTopics[service]))];
  return [
    ...names.map((topic) => acl('topic', topic, ['Describe'])),
    ...consumers.map((service) => acl('group', service, ['Describe'])),
  ];
}

function acl(
  type: Acl['resource']['type'],
  name: string,
  operations: string[],
  patternType: 'literal' | 'prefix' = 'literal',
): Acl {
  return { resource: { type, name, patternType }, operations };
}

function kafkaUser(name: string, acls: Acl[]): object {
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: {
      // its certificate lands in a Secret of this name
      name: `kafka-${name}`,
      namespace: 'tallystick',
      labels: { 'strimzi.io/cluster': 'kafka', 'app.kubernetes.io/part-of': 'tallystick' },
    },
    spec: { authentication: { type: 'tls' }, authorization: { type: 'simple', acls } },
  };
}

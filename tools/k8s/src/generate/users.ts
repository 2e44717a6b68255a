import {
  consumedTopics,
  consumingServices,
  serviceKafkaAccess,
  services,
  type KafkaAccess,
} from '@tallystick/contracts';

/**
 * A `KafkaUser` for each service, which may read what it consumes and send what its certificate lets it sign; and one
 * for the autoscaler, which may see how far each group is behind.
 */
export function kafkaUsers(): object[] {
  return [
    ...services.map((service) => kafkaUser(service, serviceKafkaAccess(service))),
    kafkaUser('autoscaler', autoscalerAccess()),
  ];
}

function autoscalerAccess(): KafkaAccess[] {
  const topics = [...new Set(consumingServices.flatMap((service) => consumedTopics[service]))];
  const describe = (resource: KafkaAccess['resource'], name: string): KafkaAccess => ({
    resource,
    name,
    pattern: 'literal',
    operations: ['Describe'],
  });
  return [
    ...topics.map((topic) => describe('topic', topic)),
    ...consumingServices.map((service) => describe('group', service)),
  ];
}

function kafkaUser(name: string, access: readonly KafkaAccess[]): object {
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: {
      // its certificate lands in a Secret of this name
      name: `kafka-${name}`,
      namespace: 'tallystick',
      labels: { 'strimzi.io/cluster': 'kafka', 'app.kubernetes.io/part-of': 'tallystick' },
    },
    spec: {
      authentication: { type: 'tls' },
      authorization: {
        type: 'simple',
        acls: access.map((one) => ({
          resource: { type: one.resource, name: one.name, patternType: one.pattern },
          operations: one.operations,
        })),
      },
    },
  };
}

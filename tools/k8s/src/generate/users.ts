import {
  clientPermissions,
  consumedTopics,
  consumingServices,
  operatorKafkaAccess,
  producerKafkaAccess,
  serviceKafkaAccess,
  services,
  type KafkaAccess,
} from '@tallystick/contracts';
import { SettingError } from '@tallystick/stack';

/**
 * A `KafkaUser` for each service, which may read what it consumes and send what its certificate lets it sign; one for the
 * autoscaler, which may see how far each group is behind; and one for an operator, who comes from outside the cluster to
 * release what was set aside.
 */
export function kafkaUsers(): object[] {
  return [
    ...services.map((service) => kafkaUser(service, serviceKafkaAccess(service), 'tls')),
    kafkaUser('autoscaler', autoscalerAccess(), 'tls'),
    kafkaUser('operator', operatorKafkaAccess(), 'scram-sha-512'),
  ];
}

/** Users of the system itself: a producer of such a name would take one's place. */
const ownUsers: ReadonlySet<string> = new Set([...services, 'autoscaler', 'operator']);

/**
 * The `KafkaUser` of a third party, which may write the topics of commands that outsiders may send, read what
 * comes of them, and no more. What it may say there is decided by its certificate.
 * @param producerId as it is registered with auth
 * @throws SettingError where it is the name of one of the system's own users
 */
export function producerKafkaUser(producerId: string): object {
  if (ownUsers.has(producerId)) throw new SettingError(`--id: ${producerId} is a user of the system itself`);
  return kafkaUser(producerId, producerKafkaAccess(producerId, clientPermissions()), 'scram-sha-512');
}

function autoscalerAccess(): KafkaAccess[] {
  const topics = [...new Set(consumingServices().flatMap((service) => consumedTopics(service)))];
  const describe = (resource: KafkaAccess['resource'], name: string): KafkaAccess => ({
    resource,
    name,
    pattern: 'literal',
    operations: ['Describe'],
  });
  return [
    ...topics.map((topic) => describe('topic', topic)),
    ...consumingServices().map((service) => describe('group', service)),
  ];
}

function kafkaUser(
  name: string,
  access: readonly KafkaAccess[],
  authentication: 'tls' | 'scram-sha-512',
): object {
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: {
      // its certificate, or its password, lands in a Secret of this name; by a password it is known as that too
      name: `kafka-${name}`,
      namespace: 'tallystick',
      labels: { 'strimzi.io/cluster': 'kafka', 'app.kubernetes.io/part-of': 'tallystick' },
    },
    spec: {
      authentication: { type: authentication },
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

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
 * Returns a `KafkaUser` for each service, the autoscaler and an operator. A service may read its consumed topics and
 * send the messages that its certificate permits; the autoscaler may read the lag of each group; an operator comes
 * from outside the cluster to release quarantined messages.
 */
export function kafkaUsers(): object[] {
  return [
    ...services.map((service) => kafkaUser(service, serviceKafkaAccess(service), 'tls')),
    kafkaUser('autoscaler', autoscalerAccess(), 'tls'),
    kafkaUser('operator', operatorKafkaAccess(), 'scram-sha-512'),
  ];
}

/**
 * What one third party may use of each broker: some 1,000 orders a second, and a tenth of its request threads. It delays
 * itself beyond that, and nobody else.
 */
const OUTSIDE_QUOTAS = {
  producerByteRate: 2 * 1_048_576,
  consumerByteRate: 8 * 1_048_576,
  requestPercentage: 10,
  controllerMutationRate: 1,
};

/** Users of the system itself: a producer with such a name would impersonate one. */
const ownUsers: ReadonlySet<string> = new Set([...services, 'autoscaler', 'operator']);

/**
 * Returns the `KafkaUser` of a third party. It may write the topics of commands open to third parties, read their
 * outcomes, and no more. Its certificate decides which messages it may send there.
 * @param producerId as registered with auth
 * @throws SettingError if it is the name of one of the system's own users
 */
export function producerKafkaUser(producerId: string): object {
  if (ownUsers.has(producerId)) throw new SettingError(`--id: ${producerId} is a user of the system`);
  return kafkaUser(
    producerId,
    producerKafkaAccess(producerId, clientPermissions()),
    'scram-sha-512',
    OUTSIDE_QUOTAS,
  );
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
  quotas?: object,
): object {
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: {
      // its certificate or password is stored in a Secret of this name; with a password the name is also its user name
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
      ...(quotas === undefined ? {} : { quotas }),
    },
  };
}

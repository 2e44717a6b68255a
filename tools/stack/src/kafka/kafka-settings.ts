/** The version that both ways of running Kafka use. */
export const KAFKA_VERSION = '4.1.0';

export const KAFKA_START_TIMEOUT_MS = 60_000;

/** What a single broker on a developer's machine needs, whichever way it runs. */
export const localBroker: Record<string, string> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  // a topic that nobody declared is a mistake that should show
  'auto.create.topics.enable': 'false',
  // one broker can hold one replica
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  // the defaults of 50 partitions each are for clusters and take a second to create
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '4',
  // a group's first member starts at once instead of waiting 3 s for others
  'group.initial.rebalance.delay.ms': '0',
};

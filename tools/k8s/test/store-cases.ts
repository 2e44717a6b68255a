import { broken, without, type Case } from './sound.ts';

/** Violations by stores of messages and data. */
export const storeCases: readonly Case[] = [
  [
    'kafka',
    'the listener tls must have tls and authentication',
    broken('Kafka', 'kafka', (one) => (one.spec.kafka.listeners[0].tls = false)),
  ],
  [
    'kafka',
    'authorization must be simple',
    broken('Kafka', 'kafka', (one) => delete one.spec.kafka.authorization),
  ],
  [
    'kafka',
    'min.insync.replicas must be 2',
    broken('Kafka', 'kafka', (one) => (one.spec.kafka.config['min.insync.replicas'] = 1)),
  ],
  [
    'kafka',
    'auto.create.topics.enable must be false',
    broken('Kafka', 'kafka', (one) => delete one.spec.kafka.config['auto.create.topics.enable']),
  ],
  [
    'kafka',
    'replicas must be at least 3',
    broken('KafkaNodePool', 'brokers', (one) => (one.spec.replicas = 1)),
  ],
  [
    'kafka',
    'storage must be persistent',
    broken('KafkaNodePool', 'brokers', (one) => (one.spec.storage = { type: 'ephemeral' })),
  ],
  [
    'kafka',
    'must name each topic and group that it may use, and the operations',
    broken('KafkaUser', 'kafka-payment', (one) => (one.spec.authorization.acls[0].operations = ['All'])),
  ],
  [
    'postgres',
    'instances must be at least 3',
    broken('Cluster', 'payment-db', (one) => (one.spec.instances = 1)),
  ],
  [
    'postgres',
    'must archive its WAL for a backup',
    broken('Cluster', 'payment-db', (one) => delete one.spec.backup),
  ],
  ['postgres', 'has no ScheduledBackup', without('ScheduledBackup', 'payment-db')],
  [
    'postgres',
    'resources must have requests and limits',
    broken('Cluster', 'payment-db', (one) => delete one.spec.resources.limits),
  ],
  [
    'postgres',
    'priorityClassName is missing',
    broken('Cluster', 'payment-db', (one) => delete one.spec.priorityClassName),
  ],
];

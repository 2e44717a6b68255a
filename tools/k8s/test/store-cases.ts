import type { Manifest } from '../src/manifest.ts';
import { broken, container, payment, sound, without, type Case, type Loose } from './sound.ts';

/** Returns a copy with the access of the store of payment to the vault broken. */
const store = (breakIt: (kubernetes: Loose) => void): Manifest[] =>
  broken('SecretStore', 'payment', (one) => breakIt(one.spec.provider.vault.auth.kubernetes));

/** Returns a copy in which a second store uses the role of the first. */
function twoStores(): Manifest[] {
  const manifests = sound();
  const first = manifests.find(({ kind }) => kind === 'SecretStore')!;
  return [...manifests, { ...first, metadata: { ...first.metadata, name: 'account' } }];
}

/** Violations by stores of messages, data, images and secrets. */
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

  [
    'postgres',
    'the wal of its backup must have the encryption aws:kms',
    broken('Cluster', 'payment-db', (one) => delete one.spec.backup.barmanObjectStore.wal),
  ],
  [
    'postgres',
    'the data of its backup must have the encryption aws:kms',
    broken('Cluster', 'payment-db', (one) => (one.spec.backup.barmanObjectStore.data.encryption = 'AES256')),
  ],
  [
    'digests',
    'service: the image tallystick/payment:1.2.3 has no digest',
    payment((one) => (container(one).image = 'tallystick/payment:1.2.3')),
  ],
  [
    'digests',
    'imageName: the image ghcr.io/cloudnative-pg/postgresql:18 has no digest',
    broken('Cluster', 'payment-db', (one) => (one.spec.imageName = 'ghcr.io/cloudnative-pg/postgresql:18')),
  ],
  [
    'digests',
    'kafka: the image of the operator has no digest',
    broken('Kafka', 'kafka', (one) => delete one.spec.kafka.image),
  ],
  [
    'secret-stores',
    'must be a SecretStore for each service',
    broken('SecretStore', 'payment', (one) => {
      one.kind = 'ClusterSecretStore';
      delete one.metadata.namespace;
    }),
  ],
  [
    'secret-stores',
    'must use the role tallystick-payment of the vault',
    store((kubernetes) => (kubernetes.role = 'tallystick')),
  ],
  [
    'secret-stores',
    'must have a ServiceAccount that nothing else uses',
    store((kubernetes) => (kubernetes.serviceAccountRef.name = 'payment')),
  ],
  ['secret-stores', 'must have a ServiceAccount that nothing else uses', twoStores()],
  ['secret-stores', 'no manifest defines the SecretStore payment', without('SecretStore', 'payment')],
  ...['tallystick/account', 'tallystick/account-database', 'tallystick', 'other/payment'].map((key): Case => [
    'secret-stores',
    `must not read ${key} from the store payment`,
    broken('ExternalSecret', 'payment-keys', (one) => (one.spec.dataFrom[0].extract.key = key)),
  ]),
  [
    'secret-stores',
    'must not read by a search from the store payment',
    broken(
      'ExternalSecret',
      'payment-keys',
      (one) => (one.spec.dataFrom = [{ find: { path: 'tallystick' } }]),
    ),
  ],
];

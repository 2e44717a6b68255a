import type { Rule } from '../manifest.ts';
import { ofKind, specOf } from '../workload.ts';

interface KafkaSpec {
  kafka: {
    listeners: { name: string; tls: boolean; authentication?: { type: string } }[];
    authorization?: { type: string };
    config?: Record<string, unknown>;
  };
}

interface NodePoolSpec {
  replicas: number;
  roles: string[];
  storage: { type: string };
  resources?: { requests?: object; limits?: object };
}

interface ClusterSpec {
  instances: number;
  backup?: { barmanObjectStore?: { wal?: Archive; data?: Archive } };
  resources?: { requests?: object; limits?: object };
  priorityClassName?: string;
}

/** How the object store encrypts what it stores: by the key of the bucket, or by a key that it manages itself. */
interface Archive {
  encryption?: 'aws:kms' | 'AES256';
}

const REPLICAS_MIN = 3;

/** Requires that Kafka encrypts all connections, and grants only named rights. */
export const kafka: Rule = {
  name: 'kafka',
  states:
    'each Kafka listener has TLS and authentication; access rules are on; three brokers acknowledge a record once two have it',
  check(manifests) {
    const clusters = ofKind(manifests, 'Kafka').flatMap((on) => {
      const { listeners, authorization, config = {} } = specOf<KafkaSpec>(on).kafka;
      return [
        ...listeners
          .filter(({ tls, authentication }) => !tls || authentication === undefined)
          .map(({ name }) => ({ on, message: `the listener ${name} must have tls and authentication` })),
        ...(authorization?.type === 'simple' ? [] : [{ on, message: 'authorization must be simple' }]),
        ...(config['min.insync.replicas'] === 2 ? [] : [{ on, message: 'min.insync.replicas must be 2' }]),
        ...(config['auto.create.topics.enable'] === false
          ? []
          : [{ on, message: 'auto.create.topics.enable must be false' }]),
      ];
    });
    const pools = ofKind(manifests, 'KafkaNodePool').flatMap((on) => {
      const { replicas, storage, resources } = specOf<NodePoolSpec>(on);
      return [
        ...(replicas < REPLICAS_MIN ? [{ on, message: `replicas must be at least ${REPLICAS_MIN}` }] : []),
        ...(storage.type === 'ephemeral' ? [{ on, message: 'storage must be persistent' }] : []),
        ...(resources?.requests === undefined || resources.limits === undefined
          ? [{ on, message: 'resources must have requests and limits' }]
          : []),
      ];
    });
    const topics = ofKind(manifests, 'KafkaTopic')
      .filter((topic) => (specOf<{ replicas?: number }>(topic).replicas ?? 0) < REPLICAS_MIN)
      .map((on) => ({ on, message: `replicas must be at least ${REPLICAS_MIN}` }));
    const users = ofKind(manifests, 'KafkaUser')
      .filter((user) => {
        const { authorization } = specOf<{
          authorization?: { acls?: { operations?: string[]; resource: { type: string; name?: string } }[] };
        }>(user);
        const acls = authorization?.acls ?? [];
        return (
          acls.length === 0 ||
          acls.some(({ operations = [], resource: { name } }) => operations.includes('All') || name === '*')
        );
      })
      .map((on) => ({ on, message: 'must name each topic and group that it may use, and the operations' }));
    return [...clusters, ...pools, ...topics, ...users];
  },
};

/** Requires that a database loses no data with a node, and can be restored. */
export const postgres: Rule = {
  name: 'postgres',
  states:
    'each Postgres cluster has three instances, resources, a priority, a backup that is encrypted with a key of KMS, and a backup schedule',
  check(manifests) {
    const scheduled = new Set(
      ofKind(manifests, 'ScheduledBackup').map(
        (backup) => specOf<{ cluster: { name: string } }>(backup).cluster.name,
      ),
    );
    return ofKind(manifests, 'Cluster').flatMap((on) => {
      const { instances, backup, resources, priorityClassName } = specOf<ClusterSpec>(on);
      const archive = backup?.barmanObjectStore;
      return [
        ...(instances < REPLICAS_MIN ? [{ on, message: `instances must be at least ${REPLICAS_MIN}` }] : []),
        ...(archive === undefined ? [{ on, message: 'must archive its WAL for a backup' }] : []),
        ...(['wal', 'data'] as const)
          .filter((part) => archive !== undefined && archive[part]?.encryption !== 'aws:kms')
          .map((part) => ({ on, message: `the ${part} of its backup must have the encryption aws:kms` })),
        ...(scheduled.has(on.metadata.name) ? [] : [{ on, message: 'has no ScheduledBackup' }]),
        ...(resources?.requests === undefined || resources.limits === undefined
          ? [{ on, message: 'resources must have requests and limits' }]
          : []),
        ...(priorityClassName === undefined ? [{ on, message: 'priorityClassName is missing' }] : []),
      ];
    });
  },
};

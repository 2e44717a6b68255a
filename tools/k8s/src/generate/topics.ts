import { quarantineOf, topics, type TopicDefinition } from '@tallystick/contracts';

/** As packages/messaging makes them on a local stack. */
const RECORD_BYTES_MAX = 1_048_588;
const QUARANTINE_BYTES_MAX = 2_097_152;
const QUARANTINE_RETENTION_MS = 30 * 86_400_000;
const REPLICAS = 3;

/** A `KafkaTopic` for each topic of contracts, and for the quarantine of each that is not compacted. */
export function kafkaTopics(): object[] {
  return Object.entries<TopicDefinition>(topics).flatMap(
    ([name, { cleanup, partitions, owner, summary }]) => {
      const topic = kafkaTopic(name, owner, summary, partitions, {
        'cleanup.policy': cleanup === 'compacted' ? 'compact' : 'delete',
        'max.message.bytes': RECORD_BYTES_MAX,
      });
      if (cleanup === 'compacted') return [topic];
      const quarantine = kafkaTopic(quarantineOf(name), owner, `What was refused on ${name}`, 1, {
        'max.message.bytes': QUARANTINE_BYTES_MAX,
        'retention.ms': QUARANTINE_RETENTION_MS,
      });
      return [topic, quarantine];
    },
  );
}

function kafkaTopic(
  name: string,
  owner: string,
  summary: string,
  partitions: number,
  config: object,
): object {
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic',
    metadata: {
      name,
      namespace: 'tallystick',
      labels: {
        'strimzi.io/cluster': 'kafka',
        'app.kubernetes.io/part-of': 'tallystick',
        'tallystick/owner': owner,
      },
      annotations: { 'tallystick/summary': summary },
    },
    spec: { partitions, replicas: REPLICAS, config: { ...config, 'min.insync.replicas': 2 } },
  };
}

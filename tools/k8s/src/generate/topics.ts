import { quarantineOf, topicLimits, topics, type TopicDefinition } from '@tallystick/contracts';

const REPLICAS = 3;

/** Returns a `KafkaTopic` for each topic of contracts, and for the quarantine of each topic that is not compacted. */
export function kafkaTopics(): object[] {
  return Object.entries<TopicDefinition>(topics).flatMap(
    ([name, { cleanup, partitions, owner, summary }]) => {
      const topic = kafkaTopic(name, owner, summary, partitions, {
        'cleanup.policy': cleanup === 'compacted' ? 'compact' : 'delete',
        'max.message.bytes': topicLimits.recordBytesMax,
        'compression.type': topicLimits.compressionType,
      });
      if (cleanup === 'compacted') return [topic];
      const quarantine = kafkaTopic(quarantineOf(name), owner, `Quarantined records of ${name}`, 1, {
        'max.message.bytes': topicLimits.quarantineRecordBytesMax,
        'retention.ms': topicLimits.quarantineRetentionMs,
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

import { outcomesOf, quarantineOf, topicLimits, topics, type TopicDefinition } from '@tallystick/contracts';
import { ConfigurationError } from '@tallystick/config';
import type { Admin } from 'kafkajs';
import type { Kafka } from '../kafka.ts';

const BROKER_WAIT_MS = 15_000;
const BROKER_CHECK_INTERVAL_MS = 50;

/**
 * Creates every topic of contracts and its quarantine, if they are missing. For local stacks and tests; in a cluster,
 * topics are declared with the broker.
 * @param prefix prefix of each name, so that test files have separate topics
 */
export async function ensureTopics(
  kafka: Kafka,
  options: { prefix?: string; partitions?: number; replicas?: number } = {},
): Promise<void> {
  const { prefix = '', replicas = 1 } = options;
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const wanted = Object.entries<TopicDefinition>(topics).flatMap(([name, definition]) => {
      const topic = prefix + name;
      const compacted = definition.cleanup === 'compacted';
      return [
        {
          topic,
          numPartitions: compacted ? definition.partitions : (options.partitions ?? definition.partitions),
          replicationFactor: replicas,
          configEntries: [
            { name: 'cleanup.policy', value: compacted ? 'compact' : 'delete' },
            { name: 'max.message.bytes', value: String(topicLimits.recordBytesMax) },
            { name: 'compression.type', value: topicLimits.compressionType },
          ],
        },
        ...(compacted
          ? []
          : [
              {
                topic: quarantineOf(topic),
                numPartitions: 1,
                replicationFactor: replicas,
                configEntries: [
                  { name: 'max.message.bytes', value: String(topicLimits.quarantineRecordBytesMax) },
                  { name: 'retention.ms', value: String(topicLimits.quarantineRetentionMs) },
                ],
              },
            ]),
      ];
    });
    const missing = wanted.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: false });
    await awaitLeaders(
      admin,
      wanted.map(({ topic }) => topic),
    );
  } finally {
    await admin.disconnect();
  }
}

/** Partitions of a topic of outcomes: the answers about a payment keep their order. */
const OUTCOMES_PARTITIONS = 2;
/** Replication as the brokers' default says. */
const DEFAULT_REPLICAS = -1;

/**
 * Creates the topics of outcomes of third parties, if they are missing. The registrar calls it before it certifies a
 * party, so that no answer lacks its topic.
 * @param prefix of each name
 */
export async function ensureOutcomeTopics(
  kafka: Kafka,
  prefix: string,
  producerIds: readonly string[],
): Promise<void> {
  if (producerIds.length === 0) return;
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const names = [...new Set(producerIds)].map((id) => prefix + outcomesOf(id));
    const missing = names.filter((topic) => !existing.has(topic));
    if (missing.length === 0) return;
    await admin.createTopics({
      topics: missing.map((topic) => ({
        topic,
        numPartitions: OUTCOMES_PARTITIONS,
        replicationFactor: DEFAULT_REPLICAS,
        configEntries: [
          { name: 'max.message.bytes', value: String(topicLimits.recordBytesMax) },
          { name: 'compression.type', value: topicLimits.compressionType },
        ],
      })),
      waitForLeaders: false,
    });
    await awaitLeaders(admin, missing);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Checks that topics exist: otherwise a consumer would wait for ever, or a message would be lost.
 * @param names without the prefix
 * @throws ConfigurationError that names every missing topic
 */
export async function requireTopics(kafka: Kafka, names: readonly string[], prefix: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = names.map((name) => prefix + name).filter((topic) => !existing.has(topic));
    if (missing.length > 0)
      throw new ConfigurationError(
        `KAFKA_BROKERS: the brokers lack the topics ${missing.join(', ')}; create them, or correct TOPIC_PREFIX`,
      );
  } finally {
    await admin.disconnect();
  }
}

/**
 * Deletes a topic with all its records, and waits until the brokers no longer report it. Records written before that
 * are deleted too, although they are acknowledged. For rehearsals and tests.
 * @param topic with its prefix
 */
export async function deleteTopic(kafka: Kafka, topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [topic] });
    await until('the topic is still there', async () => !(await admin.listTopics()).includes(topic));
  } finally {
    await admin.disconnect();
  }
}

/**
 * Waits until every partition has a leader. kafkajs's own wait gives up on errors that a broker returns just after
 * creating a topic.
 */
async function awaitLeaders(admin: Admin, names: string[]): Promise<void> {
  await until('the topics have no leader', async () => {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
      return found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
    } catch (error) {
      const type = (error as { type?: string }).type;
      if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'LEADER_NOT_AVAILABLE') return false;
      throw error;
    }
  });
}

async function until(fault: string, holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + BROKER_WAIT_MS;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`${fault} after ${BROKER_WAIT_MS} ms`);
    await new Promise((wake) => setTimeout(wake, BROKER_CHECK_INTERVAL_MS));
  }
}

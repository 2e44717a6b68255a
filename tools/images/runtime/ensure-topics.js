/**
 * Creates the missing topics of contracts on the Kafka that KAFKA_BROKERS names; existing ones stay unchanged.
 * For local installations; in a permanent cluster the manifests declare the topics.
 */
import { createKafka, ensureTopics } from '@tallystick/messaging';
import { createLogger } from '@tallystick/telemetry';

const brokers = process.env.KAFKA_BROKERS?.split(',') ?? [];
if (brokers.length === 0) {
  process.stderr.write('KAFKA_BROKERS: is not set\n');
  process.exit(2);
}
const logger = createLogger({ service: 'topics', level: process.env.LOG_LEVEL, confidentialFields: [] });
await ensureTopics(createKafka({ brokers, clientId: 'topics', logger }), {
  prefix: process.env.TOPIC_PREFIX ?? '',
});
logger.info('topics.ensured');

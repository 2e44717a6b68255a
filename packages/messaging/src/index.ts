export { connectMessaging, messagingMigrations, type Messaging, type MessagingOptions } from './messaging.ts';
export { BatchConsumer, type Subscription } from './consumer.ts';
export {
  handledBy,
  subscription,
  subscriptions,
  type Asked,
  type UseCase,
  type UseCaseContext,
} from './subscription.ts';
export { inAnswerTo, markRefused, type Batch, type IncomingMessage } from './batch.ts';
export { Outbox, type Send, type SendOptions } from './outbox.ts';
export { Publisher } from './publisher.ts';
export { KeyFollower } from './key-follower.ts';
export { crashEnvironment } from './crash-point.ts';
export { kafkaBelonging, kafkaConnection, kafkaEnvironment, type KafkaSettings } from './kafka-settings.ts';
export { createKafka, kafkaSecurity, type Kafka, type KafkaConnection } from './kafka.ts';
export { deleteTopic, ensureTopics } from './topics.ts';
export { operate, operateUsage } from './operate/operate.ts';
export { type Recollection } from './recall.ts';
export { readByTable, type ReplayTable } from './replay-table.ts';
export { endProcess, SetBackError } from './position.ts';
export { rememberTaken } from './inbox.ts';
export { recordOf, type IncomingRecord, type OutgoingRecord } from './record.ts';
export { evidenceKey, findUsedEvidence, rememberUsedEvidence } from './used-evidence.ts';
export {
  EventReader,
  type EventReaderOptions,
  type IncomingEvent,
  type QuarantinedRecord,
} from './event-reader.ts';

export { connectMessaging, messagingMigrations, type Messaging, type MessagingOptions } from './messaging.ts';
export { BatchConsumer } from './consume/consumer.ts';
export {
  answeredAlike,
  handledBy,
  subscription,
  subscriptions,
  type Asked,
  type Subscription,
  type UseCase,
  type UseCaseContext,
} from './consume/subscription.ts';
export { inAnswerTo, markRefused, type Batch, type IncomingMessage } from './consume/batch.ts';
export { Outbox, type Send, type SendOptions } from './publish/outbox.ts';
export { Publisher } from './publish/publisher.ts';
export { KeyFollower } from './keys/key-follower.ts';
export { crashEnvironment } from './crash-point.ts';
export {
  kafkaRequiredTogether,
  kafkaConnection,
  kafkaEnvironment,
  type KafkaSettings,
} from './kafka-settings.ts';
export { createKafka, isKafkaFault, kafkaSecurity, type Kafka, type KafkaConnection } from './kafka.ts';
export { deleteTopic, ensureOutcomeTopics, ensureTopics } from './admin/topics.ts';
export { type QuarantinedContent } from './admin/quarantined.ts';
export { openAsSigned } from './admin/open-as-signed.ts';
export { holdsCardNumber } from './consume/card-numbers.ts';
export type { FollowedChunk, FollowedPosition } from './consume/record-follower.ts';
export { verifyAudit, type AuditVerdict } from './admin/verify-audit.ts';
export { runAdminCommand, adminUsage } from './admin/admin.ts';
export type { AdminCommand } from './admin/commands.ts';
export { type Replay } from './replay/replay-own-messages.ts';
export { readByTable, type ReplayTable } from './replay/replay-table.ts';
export { endProcess, RewoundDatabaseError } from './consume/position.ts';
export { rememberTaken } from './consume/inbox.ts';
export { recordOf, type IncomingRecord, type OutgoingRecord } from './publish/record.ts';
export { findUsedEvidence, rememberUsedEvidence } from './consume/used-evidence.ts';
export {
  EventReader,
  type EventReaderOptions,
  type IncomingEvent,
  type QuarantinedRecord,
} from './consume/event-reader.ts';
export type { Declaration } from './registry/declarations.ts';
export { findRunningReleases, type RunningReleases } from './registry/running-releases.ts';

import { metrics } from '@opentelemetry/api';
import { countedClient } from './bounded-names.ts';
import { CHECK_BUCKETS_S, DURATION_BUCKETS_S } from './durations.ts';

const meter = metrics.getMeter('tallystick');

/** Counter of messages by interface (topic and type) and outcome: handled, duplicate, or the reason of a refusal. */
const messages = meter.createCounter('tallystick.messages', {
  description: 'Messages received, by interface and outcome',
});
const durations = meter.createHistogram('messaging.process.duration', {
  unit: 's',
  description: 'Time from fetch to commit of a message, by type, version and sender',
  advice: { explicitBucketBoundaries: DURATION_BUCKETS_S },
});
const checks = meter.createHistogram('tallystick.check.duration', {
  unit: 's',
  description: 'Time to check a signature: of an envelope in a batch, or of evidence',
  advice: { explicitBucketBoundaries: CHECK_BUCKETS_S },
});
const lags = meter.createGauge('tallystick.consumer.lag', {
  unit: '{message}',
  description: 'Records of a partition that the service has not handled yet',
});
const sizes = meter.createHistogram('tallystick.batch.size', {
  unit: '{message}',
  description: 'Messages in a batch',
});
const unpublished = meter.createGauge('tallystick.outbox.age', {
  unit: 's',
  description: 'Age of the oldest committed message that is not known to be published',
});
const deprecated = meter.createCounter('tallystick.deprecated.uses', {
  description: 'Uses of a deprecated version of an interface, by client',
});
const undeclared = meter.createCounter('tallystick.undeclared.messages', {
  description: 'Messages that no release of their service declared to send',
});

/** What all metrics of messages have in common, by the semantic conventions for messaging, which are not stable yet. */
const KAFKA = { 'messaging.system': 'kafka' };

/** A message that is counted. The type and the version are those of contracts, the sender is verified. */
export interface CountedMessage {
  topic: string;
  type: string;
  version: number;
  /** `iss` */
  sender: string;
}

/** Records the time from fetch to commit of a message, in seconds. */
export function recordProcessed({ topic, type, version, sender }: CountedMessage, durationS: number): void {
  durations.record(durationS, {
    ...KAFKA,
    'messaging.operation.name': 'process',
    'messaging.destination.name': topic,
    'tallystick.interface': type,
    'tallystick.version': version,
    'tallystick.client': countedClient(sender),
  });
}

/** Records the mean time of some checks, in seconds. */
export function recordCheck(of: 'envelope' | 'evidence', durationS: number): void {
  checks.record(durationS, { 'tallystick.of': of });
}

/** Records the time until evidence is verified. @returns its result */
export async function timedEvidence<T>(verifying: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const verified = await verifying;
  recordCheck('evidence', (performance.now() - startedAt) / 1_000);
  return verified;
}

/** Records how many records of a partition are not handled yet. */
export function recordLag(topic: string, partition: number, records: number): void {
  lags.record(records, {
    ...KAFKA,
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
  });
}

/** Counts messages by topic, type and outcome. The type is one of our own or `unknown`, never text from outside. */
export function countMessage(topic: string, type: string, outcome: string, count = 1): void {
  messages.add(count, {
    ...KAFKA,
    'messaging.destination.name': topic,
    'tallystick.interface': type,
    'tallystick.outcome': outcome,
  });
}

/**
 * Counts one use of a deprecated version.
 * @param use.interface id of the operation or type of the message
 * @param use.by the verified client or third party
 */
export function countDeprecated(use: { interface: string; version: number; by: string }): void {
  deprecated.add(1, {
    'tallystick.interface': use.interface,
    'tallystick.version': use.version,
    'tallystick.client': countedClient(use.by),
  });
}

/** Counts messages that no release of their service declared to send. */
export function countUndeclared(sent: { type: string; version: number; by: string }, count: number): void {
  undeclared.add(count, {
    'tallystick.interface': sent.type,
    'tallystick.version': sent.version,
    'tallystick.client': sent.by,
  });
}

/** Records the number of messages in a batch. */
export function recordBatch(topic: string, size: number): void {
  sizes.record(size, { ...KAFKA, 'messaging.destination.name': topic });
}

/**
 * Records the age of the oldest committed message that is not known to be published, in seconds; 0 if there is none.
 */
export function recordOutboxAge(ageS: number): void {
  unpublished.record(ageS);
}

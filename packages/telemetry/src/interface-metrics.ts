import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('tallystick');

/** Counter of messages by interface (topic and type) and outcome: handled, duplicate, or the reason of a refusal. */
const messages = meter.createCounter('tallystick.messages', {
  description: 'Messages received, by interface and outcome',
});
const batches = meter.createHistogram('tallystick.batch.duration', {
  unit: 's',
  description: 'Time from fetch to commit of a batch of messages',
});
const sizes = meter.createHistogram('tallystick.batch.size', { description: 'Messages in a batch' });

/** Counts messages by topic, type and outcome. The type is one of our own or `unknown`, never text from outside. */
export function countMessage(topic: string, type: string, outcome: string, count = 1): void {
  messages.add(count, { 'messaging.destination.name': topic, 'tallystick.type': type, outcome });
}

const deprecated = meter.createCounter('tallystick.deprecated.uses', {
  description: 'Uses of a deprecated version of an interface, by client',
});

/**
 * Counts one use of a deprecated version.
 * @param use.interface id of the operation or type of the message
 * @param use.by the verified client or third party
 */
export function countDeprecated(use: { interface: string; version: number; by: string }): void {
  deprecated.add(1, {
    'tallystick.interface': use.interface,
    'tallystick.version': use.version,
    'tallystick.client': use.by,
  });
}

const undeclared = meter.createCounter('tallystick.undeclared.messages', {
  description: 'Messages that no release of their service declared to send',
});

/** Counts messages that no release of their service declared to send. */
export function countUndeclared(sent: { type: string; version: number; by: string }, count: number): void {
  undeclared.add(count, {
    'tallystick.interface': sent.type,
    'tallystick.version': sent.version,
    'tallystick.client': sent.by,
  });
}

/** Records the duration of a batch, in seconds, and its number of messages. */
export function recordBatch(topic: string, durationS: number, size: number): void {
  const attributes = { 'messaging.destination.name': topic };
  batches.record(durationS, attributes);
  sizes.record(size, attributes);
}

const unpublished = meter.createGauge('tallystick.outbox.age', {
  unit: 's',
  description: 'Age of the oldest committed message that is not known to be published',
});
const imbalance = meter.createGauge('tallystick.ledger.imbalance', {
  description: 'Amount by which the books of a currency do not balance, in minor units',
});
const check = meter.createGauge('tallystick.ledger.check.timestamp', {
  unit: 's',
  description: 'Time of the last check of the books, in seconds since 1970',
});

/**
 * Records the age of the oldest committed message that is not known to be published, in seconds; 0 if there is none.
 */
export function recordOutboxAge(ageS: number): void {
  unpublished.record(ageS);
}

/**
 * Records the amount by which the books do not balance.
 * @param of balances that do not sum to zero, or holds that do not match the reserved amounts of the accounts
 */
export function recordImbalance(of: 'balances' | 'holds', currency: string, differenceMinor: bigint): void {
  imbalance.record(Number(differenceMinor), { 'tallystick.of': of, 'tallystick.currency': currency });
}

/** Records the time of the last check of the books. The last result stays exported if no further check succeeds. */
export function recordLedgerCheck(nowMs: number): void {
  check.record(nowMs / 1_000);
}

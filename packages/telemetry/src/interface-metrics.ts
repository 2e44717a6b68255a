import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('tallystick');

/** Messages by interface (topic and type) and by how they ended: handled, duplicate, or the reason of a refusal. */
const messages = meter.createCounter('tallystick.messages', {
  description: 'Messages received, by interface and outcome',
});
const batches = meter.createHistogram('tallystick.batch.duration', {
  unit: 's',
  description: 'Time from fetch to commit of a batch of messages',
});
const sizes = meter.createHistogram('tallystick.batch.size', { description: 'Messages in a batch' });

/** Counts one message by its topic, its type and its outcome. The type is ours or `unknown`, never outside text. */
export function countMessage(topic: string, type: string, outcome: string, count = 1): void {
  messages.add(count, { 'messaging.destination.name': topic, 'tallystick.type': type, outcome });
}

const deprecated = meter.createCounter('tallystick.deprecated.uses', {
  description: 'Uses of a deprecated version of an interface, by client',
});

/**
 * Counts one use of a deprecated version.
 * @param use.interface id of the operation or type of the message
 * @param use.by the client or the third party that uses it, as it was verified
 */
export function countDeprecated(use: { interface: string; version: number; by: string }): void {
  deprecated.add(1, {
    'tallystick.interface': use.interface,
    'tallystick.version': use.version,
    'tallystick.client': use.by,
  });
}

/** Records how long a batch took, in seconds, and how many messages it held. */
export function recordBatch(topic: string, durationS: number, size: number): void {
  const attributes = { 'messaging.destination.name': topic };
  batches.record(durationS, attributes);
  sizes.record(size, attributes);
}

const unpublished = meter.createGauge('tallystick.outbox.age', {
  unit: 's',
  description: 'Age of the oldest message that is committed and not known to be published',
});
const imbalance = meter.createGauge('tallystick.ledger.imbalance', {
  description: 'What the books of a currency do not balance by, in minor units',
});
const look = meter.createGauge('tallystick.ledger.look.timestamp', {
  unit: 's',
  description: 'When it was last looked whether the books balance, in seconds since 1970',
});

/** Records how old the oldest message is that is committed and not known to be published, in seconds; 0 where none is. */
export function recordOutboxAge(ageS: number): void {
  unpublished.record(ageS);
}

/**
 * Records by how much the books do not balance.
 * @param of balances that do not sum to zero, or holds that do not set aside what accounts keep aside
 */
export function recordImbalance(of: 'balances' | 'holds', currency: string, differenceMinor: bigint): void {
  imbalance.record(Number(differenceMinor), { 'tallystick.of': of, 'tallystick.currency': currency });
}

/** Records when it was last looked whether the books balance: what that found stays exported when no look succeeds any more. */
export function recordLedgerLook(nowMs: number): void {
  look.record(nowMs / 1_000);
}

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

/** Records how long a batch took, in seconds, and how many messages it held. */
export function recordBatch(topic: string, durationS: number, size: number): void {
  const attributes = { 'messaging.destination.name': topic };
  batches.record(durationS, attributes);
  sizes.record(size, attributes);
}

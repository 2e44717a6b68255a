import { messages, newId, newJti } from '@tallystick/contracts';
import { createKafka, Publisher } from '@tallystick/messaging';
import { loadSigningKey, seal } from '@tallystick/security';
import type { System } from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';

const PRODUCER = 'acme';

/** Connects a publisher to the Kafka of a system. */
export function connectPublisher({ stackFile: { kafka } }: System): Promise<Publisher> {
  const logger = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
  return Publisher.connect(createKafka({ brokers: kafka.brokers, clientId: 'test', logger }));
}

/**
 * Sends an order of the third party.
 * @param changes.key another record key than that of the payment
 * @returns the payment
 */
export async function sendOrder(
  { stackFile: { kafka, producers } }: System,
  publisher: Publisher,
  changes: { key?: string; endToEndId?: string } = {},
): Promise<string> {
  const topic = `${kafka.topicPrefix ?? ''}payment.commands.v1`;
  const paymentId = newId('pay');
  const { key, value } = await seal(
    messages.paymentCreate,
    {
      paymentId,
      source: { kind: 'account', accountId: newId('acc') },
      payee: { kind: 'account', accountId: newId('acc') },
      amountMinor: 1_250n,
      currency: 'EUR',
      capture: 'automatic',
      capturedBy: 'initiator',
      endToEndId: changes.endToEndId ?? 'INVOICE-1',
    },
    {
      issuer: PRODUCER,
      signingKey: await loadSigningKey(producers.find(({ id }) => id === PRODUCER)!.privateJwk),
      topic,
      nowMs: Date.now(),
    },
  );
  await publisher.publish([
    {
      id: newJti(),
      topic,
      key: Buffer.from(changes.key ?? key),
      value: Buffer.from(value),
      headers: {},
    },
  ]);
  return paymentId;
}

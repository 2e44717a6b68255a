import { ROOT_CONTEXT } from '@opentelemetry/api';
import { setTimeout as delay } from 'node:timers/promises';
import { messages, newId, type MessageDefinition } from '@tallystick/contracts';
import { CURRENCY, type PlacedOrder } from '@tallystick/load';
import { recordOf, type OutgoingRecord, type Publisher } from '@tallystick/messaging';
import { seal, type SigningKey } from '@tallystick/security';
import type * as z from 'zod';
import type { Random } from '../random.ts';

const AGAIN_AFTER_MS = 300;
/** Commands may wait for a service that is down. This is the longest lifetime that policy allows. */
const LIFETIME_S = 3_600;
/** Probability that a producer writes a record twice, because it was not sure of the first. */
const TWICE = 0.05;

/** Orders of the third party over Kafka: each is published until the broker has confirmed it. */
export class KafkaOrders {
  readonly #publisher: Publisher;
  readonly #producer: { id: string; signingKey: SigningKey; topic: string };
  readonly #random: Random;
  #queue: OutgoingRecord[] = [];
  #sending = false;

  constructor(
    publisher: Publisher,
    producer: { id: string; signingKey: SigningKey; topic: string },
    random: Random,
  ) {
    this.#publisher = publisher;
    this.#producer = producer;
    this.#random = random;
  }

  /** Whether no record waits for the broker. */
  get isIdle(): boolean {
    return !this.#sending;
  }

  async order(order: PlacedOrder, paymentId: string): Promise<void> {
    const { source, payeeAccountId, amountMinor, capture, endToEndId } = order;
    const payee = { kind: 'account', accountId: payeeAccountId } as const;
    const terms = { capture, capturedBy: 'initiator', endToEndId } as const;
    const data = { paymentId, source, payee, amountMinor, currency: CURRENCY, ...terms };
    await this.#send(messages.paymentCreate, data);
  }

  async capture({ paymentId, amountMinor }: PlacedOrder): Promise<void> {
    const data = { paymentId: paymentId!, captureId: newId('cap'), amountMinor, final: true };
    await this.#send(messages.paymentCapture, data);
  }

  async #send<Data extends z.ZodType>(
    definition: MessageDefinition<string, Data>,
    data: z.output<Data>,
  ): Promise<void> {
    const { id, signingKey, topic } = this.#producer;
    const nowMs = Date.now();
    const options = { issuer: id, signingKey, topic, nowMs, lifetimeS: LIFETIME_S };
    const record = recordOf(await seal(definition, data, options), ROOT_CONTEXT);
    this.#queue.push(record);
    if (this.#random.chance(TWICE)) this.#queue.push(record);
    if (!this.#sending) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#queue.length > 0) {
      const records = this.#queue;
      this.#queue = [];
      await this.#publish(records);
    }
    this.#sending = false;
  }

  async #publish(records: readonly OutgoingRecord[]): Promise<void> {
    for (;;) {
      try {
        await this.#publisher.publish(records);
        return;
      } catch {
        // The broker is unavailable, or its response was lost: send the same records again, under the same ids.
        await delay(AGAIN_AFTER_MS);
      }
    }
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { recordOf, type OutgoingRecord, type Publisher } from '@tallystick/messaging';
import type { SealedEnvelope } from '@tallystick/security';

/**
 * Time that an order waits for others: `linger.ms` of the Java producer since Kafka 4.0 (KIP-1030). It counts as
 * latency.
 */
const LINGER_MS = 5;

/** Publishes orders like a Java producer: one request at a time, with all orders that became due meanwhile. */
export class KafkaSender {
  readonly #publisher: Publisher;
  readonly #onFault: (error: unknown) => void;
  #queue: OutgoingRecord[] = [];
  #sending = false;

  constructor(publisher: Publisher, onFault: (error: unknown) => void) {
    this.#publisher = publisher;
    this.#onFault = onFault;
  }

  send(envelope: SealedEnvelope): void {
    this.#queue.push(recordOf(envelope, ROOT_CONTEXT));
    if (!this.#sending) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    try {
      while (this.#queue.length > 0) {
        await delay(LINGER_MS);
        const records = this.#queue;
        this.#queue = [];
        await this.#publisher.publish(records);
      }
    } catch (error) {
      this.#onFault(error);
    } finally {
      this.#sending = false;
    }
  }
}

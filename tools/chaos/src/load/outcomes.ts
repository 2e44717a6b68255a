import { setTimeout as delay } from 'node:timers/promises';
import { newJti } from '@tallystick/contracts';
import type { Kafka } from '@tallystick/messaging';
import * as z from 'zod';

/** The content of an event about a payment. */
export interface Outcome {
  paymentId: string;
  type: string;
  code: string | undefined;
  atMs: number;
}

const AGAIN_AFTER_MS = 500;
const SESSION_TIMEOUT_MS = 6_000;
const payload = z.object({ data: z.object({ code: z.string().optional() }) });

/**
 * Reads a topic of payment events from its start, and again from its start after each outage of the broker. Each event
 * is delivered at least once, so the receiver must count it once.
 */
export class OutcomeReader {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #hear: (outcome: Outcome) => void;
  #stopped = false;
  #consumer: ReturnType<Kafka['consumer']> | undefined;

  constructor(kafka: Kafka, topic: string, hear: (outcome: Outcome) => void) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#hear = hear;
  }

  /** Resolves when it reads. */
  async start(): Promise<void> {
    const consumer = this.#kafka.consumer({
      groupId: `chaos.${newJti()}`,
      maxWaitTimeInMs: 250,
      // A restarted broker waits for its known member, which is this consumer before it joins again.
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: SESSION_TIMEOUT_MS / 4,
    });
    this.#consumer = consumer;
    consumer.on(consumer.events.CRASH, ({ payload: { restart } }) => {
      if (!restart) void this.#startAgain();
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [this.#topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        for (const { key, value, headers, offset } of batch.messages) {
          const type = String(headers?.['ce_type']);
          this.#hear({ paymentId: String(key), type, code: codeOf(value), atMs: performance.now() });
          resolveOffset(offset);
        }
      },
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#consumer?.disconnect();
  }

  async #startAgain(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#consumer?.disconnect();
        await this.start();
        return;
      } catch {
        // The broker is unavailable, as intended in this run.
        await delay(AGAIN_AFTER_MS);
      }
    }
  }
}

function codeOf(value: Buffer | null): string | undefined {
  const part = String(value).split('.')[1] ?? '';
  const parsed = payload.safeParse(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  return parsed.success ? parsed.data.data.code : undefined;
}

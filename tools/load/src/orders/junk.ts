import { randomBytes } from 'node:crypto';
import { setInterval as ticks } from 'node:timers/promises';
import { newId, newJti } from '@tallystick/contracts';
import { Publisher, type OutgoingRecord } from '@tallystick/messaging';

type Kafka = Parameters<typeof Publisher.connect>[0];

const TICK_MS = 20;

/** A flood of records that look like orders, each under another invented key, as a hostile third party sends them. */
export class Junk {
  /** Number of published records. */
  sent = 0;
  readonly #publisher: Publisher;
  readonly #topic: string;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;

  private constructor(publisher: Publisher, topic: string) {
    this.#publisher = publisher;
    this.#topic = topic;
  }

  /** Starts the flood. @param topic with its prefix */
  static async start(kafka: Kafka, topic: string, ratePerSecond: number): Promise<Junk> {
    const junk = new Junk(await Publisher.connect(kafka), topic);
    junk.#running = junk.#flood(ratePerSecond);
    return junk;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#publisher.disconnect();
  }

  async #flood(ratePerSecond: number): Promise<void> {
    const startedAt = performance.now();
    try {
      for await (const _tick of ticks(TICK_MS, undefined, { signal: this.#stopped.signal })) {
        const due = Math.floor(((performance.now() - startedAt) / 1_000) * ratePerSecond);
        const records = Array.from({ length: due - this.sent }, () => junkRecord(this.#topic));
        if (records.length > 0) await this.#publisher.publish(records);
        this.sent += records.length;
      }
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error;
    }
  }
}

function junkRecord(topic: string): OutgoingRecord {
  const paymentId = newId('pay');
  const iat = Math.floor(Date.now() / 1_000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { alg: 'EdDSA', typ: 'tallystick+jwt', kid: randomBytes(32).toString('base64url') };
  const claims = {
    iss: 'acme',
    aud: topic,
    sub: paymentId,
    jti: newJti(),
    iat,
    exp: iat + 300,
    type: 'payment.create',
    version: 2,
    txn: newJti(),
    data: { paymentId },
  };
  const value = `${part(header)}.${part(claims)}.${randomBytes(64).toString('base64url')}`;
  return { id: newJti(), topic, key: Buffer.from(paymentId), value: Buffer.from(value), headers: {} };
}

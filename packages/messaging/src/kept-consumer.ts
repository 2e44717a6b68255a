import type { Logger } from '@tallystick/telemetry';
import type { Consumer } from 'kafkajs';

const BACKOFF_MS = { first: 200, max: 5_000 };

export interface KeptConsumerOptions {
  /** Makes a consumer that has not been connected. */
  make: () => Consumer;
  /** Connects it, subscribes and runs it. */
  begin: (consumer: Consumer) => Promise<void>;
  logger: Logger;
}

/**
 * A consumer that goes on for as long as it is wanted. kafkajs starts again by itself after most faults and gives up
 * for good after others that pass just as well, such as a coordinator that is not found while a broker restarts.
 */
export class KeptConsumer {
  readonly #options: KeptConsumerOptions;
  #current: Consumer;
  #stopping = false;
  #restarting: Promise<void> | undefined;

  constructor(options: KeptConsumerOptions) {
    this.#options = options;
    this.#current = options.make();
  }

  /** The consumer that runs now. */
  get current(): Consumer {
    return this.#current;
  }

  async start(): Promise<void> {
    this.#watch(this.#current);
    await this.#options.begin(this.#current);
  }

  /** Resolves once no further batch will begin. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#restarting;
    await this.#current.stop();
  }

  async disconnect(): Promise<void> {
    await this.#current.disconnect();
  }

  #watch(consumer: Consumer): void {
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (restart || this.#stopping || consumer !== this.#current) return;
      this.#options.logger.error({ err: error }, 'the consumer was given up; it is started anew');
      this.#restarting ??= this.#startAnew().finally(() => (this.#restarting = undefined));
    });
  }

  async #startAnew(): Promise<void> {
    for (let waitMs = BACKOFF_MS.first; !this.#stopping; waitMs = Math.min(BACKOFF_MS.max, waitMs * 2)) {
      await new Promise((wake) => setTimeout(wake, waitMs));
      const old = this.#current;
      this.#current = this.#options.make();
      try {
        await old.disconnect();
        this.#watch(this.#current);
        await this.#options.begin(this.#current);
        return;
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'the consumer is not back yet');
      }
    }
  }
}

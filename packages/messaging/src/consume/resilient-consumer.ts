import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@tallystick/telemetry';
import type { Consumer } from 'kafkajs';

const BACKOFF_MS = { first: 200, max: 5_000 };
/** Longest wait of a stop for a restart in progress. */
const RESTART_WAIT_MS = 5_000;
const SESSION_TIMEOUT_MS = 6_000;

/**
 * Timeouts of group membership. A killed member keeps its partitions for the session timeout; the database fences off a
 * member that only hung.
 */
export const groupTiming = {
  sessionTimeout: SESSION_TIMEOUT_MS,
  heartbeatInterval: SESSION_TIMEOUT_MS / 4,
  rebalanceTimeout: SESSION_TIMEOUT_MS,
};

export interface ResilientConsumerOptions {
  /** Makes a consumer that has not been connected. */
  make: () => Consumer;
  /** Connects, subscribes and runs the consumer. */
  begin: (consumer: Consumer) => Promise<void>;
  logger: Logger;
}

/**
 * A consumer that restarts after every fault. kafkajs restarts after most faults itself, and stops for good after others that
 * pass as well, such as a missing coordinator while a broker restarts.
 */
export class ResilientConsumer {
  readonly #options: ResilientConsumerOptions;
  #current: Consumer;
  #stopping = false;
  #restarting: Promise<void> | undefined;
  /** When the brokers last confirmed the membership. */
  #heardAtMs = -Infinity;

  constructor(options: ResilientConsumerOptions) {
    this.#options = options;
    this.#current = options.make();
  }

  /** The current consumer. */
  get current(): Consumer {
    return this.#current;
  }

  /**
   * Whether this consumer is a member of its group. Without a heartbeat for the session timeout it no longer is.
   */
  get isJoined(): boolean {
    return performance.now() - this.#heardAtMs < SESSION_TIMEOUT_MS;
  }

  async start(): Promise<void> {
    this.#watch(this.#current);
    await this.#options.begin(this.#current);
  }

  /** Resolves when no further batch will begin. */
  async stop(): Promise<void> {
    this.#stopping = true;
    // A restart may never end if brokers answer and the group cannot be joined.
    await Promise.race([this.#restarting, pause(RESTART_WAIT_MS, undefined, { ref: false })]);
    await this.#current.stop();
  }

  async disconnect(): Promise<void> {
    await this.#current.disconnect();
  }

  #watch(consumer: Consumer): void {
    const hears = (): void => {
      if (consumer === this.#current) this.#heardAtMs = performance.now();
    };
    consumer.on(consumer.events.GROUP_JOIN, hears);
    consumer.on(consumer.events.HEARTBEAT, hears);
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (consumer !== this.#current) return;
      this.#heardAtMs = -Infinity;
      if (restart || this.#stopping) return;
      this.#options.logger.error({ err: error }, 'consumer.restarting');
      this.#restarting ??= this.#startAnew().finally(() => (this.#restarting = undefined));
    });
  }

  async #startAnew(): Promise<void> {
    for (let waitMs = BACKOFF_MS.first; !this.#stopping; waitMs = Math.min(BACKOFF_MS.max, waitMs * 2)) {
      await pause(waitMs);
      const old = this.#current;
      this.#current = this.#options.make();
      try {
        await old.disconnect();
        this.#watch(this.#current);
        await this.#options.begin(this.#current);
        if (this.#stopping) await this.#current.disconnect();
        return;
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'consumer.restart_failed');
      }
    }
  }
}

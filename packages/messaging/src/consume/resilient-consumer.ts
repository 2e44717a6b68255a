import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@tallystick/telemetry';
import type { Consumer } from 'kafkajs';

const BACKOFF_MS = { first: 200, max: 5_000 };
/** How long a stop waits for a restart that is under way. */
const RESTART_WAIT_MS = 5_000;
const SESSION_TIMEOUT_MS = 6_000;

/**
 * How long brokers and members of a group wait for each other. A member that was killed, or lost its connection and
 * comes back as another, holds its partitions for as long; the database fences off one that merely hung.
 */
export const groupTiming = {
  sessionTimeout: SESSION_TIMEOUT_MS,
  heartbeatInterval: SESSION_TIMEOUT_MS / 4,
  rebalanceTimeout: SESSION_TIMEOUT_MS,
};

export interface ResilientConsumerOptions {
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
export class ResilientConsumer {
  readonly #options: ResilientConsumerOptions;
  #current: Consumer;
  #stopping = false;
  #restarting: Promise<void> | undefined;
  /** When the brokers last knew it as a member of its group. */
  #heardAtMs = -Infinity;

  constructor(options: ResilientConsumerOptions) {
    this.#options = options;
    this.#current = options.make();
  }

  /** The consumer that runs now. */
  get current(): Consumer {
    return this.#current;
  }

  /**
   * Whether it is a member of its group, with whatever partitions that gave it: one that has heard nothing from the
   * brokers for a session is none any more.
   */
  get isJoined(): boolean {
    return performance.now() - this.#heardAtMs < SESSION_TIMEOUT_MS;
  }

  async start(): Promise<void> {
    this.#watch(this.#current);
    await this.#options.begin(this.#current);
  }

  /** Resolves once no further batch will begin. */
  async stop(): Promise<void> {
    this.#stopping = true;
    // A restart may never end, where brokers answer and the group cannot be joined.
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

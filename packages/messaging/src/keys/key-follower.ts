import { newJti } from '@tallystick/contracts';
import type { AcceptedSnapshot, Keyring } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import type { Admin, Consumer } from 'kafkajs';
import type { Kafka } from '../kafka.ts';
import { groupTiming, ResilientConsumer } from '../consume/resilient-consumer.ts';

const KEY_TOPIC = 'auth.keys.v1';
/** Longest wait for the key topic if a message names an unknown key. */
const KEY_WAIT_MS = 2_000;
/** Shortest interval between lookups of the topic's end for unknown keys. */
const LOOK_INTERVAL_MS = 250;
const END_RETRY_MS = 15_000;
const END_RETRY_INTERVAL_MS = 100;

/**
 * Reads the key topic from its beginning into the keyring, and follows it. Each process has a separate consumer group,
 * so that it gets every record.
 */
export class KeyFollower {
  readonly #consumer: ResilientConsumer;
  readonly #admin: Admin;
  readonly #keyring: Keyring;
  readonly #topic: string;
  readonly #groupId: string;
  readonly #logger: Logger;
  #next = 0n;
  /** The records read so far, while a caller waits for them. */
  #read: string[] | undefined;
  #moved: (() => void)[] = [];
  #look: Promise<void> | undefined;
  #lookedAtMs = -LOOK_INTERVAL_MS;
  readonly #store: ((accepted: AcceptedSnapshot) => Promise<void>) | undefined;
  #stored: AcceptedSnapshot | undefined;

  constructor(options: {
    kafka: Kafka;
    keyring: Keyring;
    service: string;
    topicPrefix: string;
    logger: Logger;
    /** Stores the newest accepted snapshot, so that a restart does not forget it. */
    store?: (accepted: AcceptedSnapshot) => Promise<void>;
  }) {
    this.#groupId = `${options.topicPrefix}${options.service}.keys.${newJti()}`;
    this.#consumer = new ResilientConsumer({
      make: () =>
        options.kafka.consumer({
          groupId: this.#groupId,
          maxWaitTimeInMs: 1_000,
          ...groupTiming,
        }),
      begin: (consumer) => this.#begin(consumer),
      logger: options.logger,
    });
    this.#admin = options.kafka.admin();
    this.#keyring = options.keyring;
    this.#topic = options.topicPrefix + KEY_TOPIC;
    this.#logger = options.logger;
    this.#store = options.store;
    this.#stored = options.keyring.accepted;
  }

  /** Whether the follower gets new records. */
  get isFollowing(): boolean {
    return this.#consumer.isJoined;
  }

  /** Reads the topic to its end and waits until a first snapshot is in force. */
  async start(): Promise<void> {
    await this.readToEnd();
    await this.awaitSnapshot();
  }

  /** Starts to follow the topic. @returns its records, after it was read to the end */
  async readToEnd(): Promise<string[]> {
    const records: string[] = [];
    this.#read = records;
    await Promise.all([this.#consumer.start(), this.#admin.connect()]);
    await this.#reach(await this.#end());
    this.#keyring.endOfPast();
    this.#read = undefined;
    return records;
  }

  /** Resolves once a first snapshot is in force. */
  async awaitSnapshot(): Promise<void> {
    if (this.#keyring.version === 0) this.#logger.info('keys.snapshot_awaited');
    while (this.#keyring.version === 0) await new Promise<void>((wake) => this.#moved.push(wake));
  }

  async #begin(consumer: Consumer): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch }) => {
        // In order: a snapshot refers to the records before it. Nothing is committed, so a restarted consumer begins
        // with records that were read before.
        if (BigInt(batch.highWatermark) < this.#next) {
          this.#logger.error('keys.topic_recreated');
          this.#next = 0n;
        }
        for (const { value, offset } of batch.messages) {
          if (BigInt(offset) < this.#next) continue;
          if (value !== null) {
            const text = value.toString('utf8');
            this.#read?.push(text);
            await this.#keyring.take(text);
          }
          this.#next = BigInt(offset) + 1n;
        }
        await this.#storeAccepted();
        const moved = this.#moved;
        this.#moved = [];
        for (const wake of moved) wake();
      },
    });
  }

  /** Stores the accepted snapshot if it is new. A failure is retried with the next records. */
  async #storeAccepted(): Promise<void> {
    const { accepted } = this.#keyring;
    if (this.#store === undefined || accepted === undefined || accepted === this.#stored) return;
    try {
      await this.#store(accepted);
      this.#stored = accepted;
    } catch (error) {
      this.#logger.warn({ err: error, version: accepted.version }, 'keys.snapshot_not_stored');
    }
  }

  /**
   * Waits, within a limit, until all records that exist at the time of the call are read.
   * Concurrent calls share one lookup of the topic's end.
   * @returns whether the key is known now
   */
  readonly awaitKey = async (kid: string): Promise<boolean> => {
    const joinedRunningLook = this.#look !== undefined;
    await this.#lookAgain();
    // A lookup that began before the call may miss a record that was written in between.
    if (joinedRunningLook && this.#keyring.find(kid) === undefined) await this.#lookAgain();
    return this.#keyring.find(kid) !== undefined;
  };

  #lookAgain(): Promise<void> {
    this.#look ??= this.#catchUpInTurn().finally(() => {
      this.#look = undefined;
      this.#lookedAtMs = performance.now();
    });
    return this.#look;
  }

  async #catchUpInTurn(): Promise<void> {
    const waitMs = this.#lookedAtMs + LOOK_INTERVAL_MS - performance.now();
    if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
    await this.#catchUp();
  }

  async stop(): Promise<void> {
    await this.#consumer.stop();
    await this.#consumer.disconnect();
    try {
      await this.#admin.deleteGroups([this.#groupId]);
    } catch (error) {
      // The broker will delete an empty group later; nothing depends on it.
      this.#logger.debug({ err: error }, 'keys.group_not_deleted');
    }
    await this.#admin.disconnect();
  }

  async #catchUp(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => (timer = setTimeout(resolve, KEY_WAIT_MS)));
    const reached = this.#end()
      .then((end) => this.#reach(end))
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'keys.topic_end_unknown'));
    await Promise.race([reached, bound]);
    clearTimeout(timer);
  }

  async #end(): Promise<bigint> {
    const deadlineMs = performance.now() + END_RETRY_MS;
    for (;;) {
      try {
        const [partition] = await this.#admin.fetchTopicOffsets(this.#topic);
        return BigInt(partition?.high ?? '0');
      } catch (error) {
        // kafkajs does not retry errors of a leader change, which are temporary.
        const isTemporary = (error as { retriable?: boolean }).retriable === true;
        if (!isTemporary || performance.now() > deadlineMs) throw error;
        await new Promise((wake) => setTimeout(wake, END_RETRY_INTERVAL_MS));
      }
    }
  }

  async #reach(end: bigint): Promise<void> {
    while (this.#next < end) await new Promise<void>((wake) => this.#moved.push(wake));
  }
}

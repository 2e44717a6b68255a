import type { Pool } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import type { TopicPartitionOffset } from 'kafkajs';
import type { Kafka } from '../kafka.ts';
import {
  resetPosition,
  endProcess,
  FencedError,
  loadPosition,
  moveIfUnchanged,
  RewoundDatabaseError,
  topicPartition,
} from './position.ts';

/** Interval at which positions are stored that moved in memory only, over records that this service does not handle. */
const STORE_INTERVAL_MS = 5_000;

/** The position of a partition. */
export interface PartitionOffset {
  topic: string;
  partition: number;
  /** The offset of the first record that was not processed yet. */
  next: bigint;
  /** The position in the database: before `next` if the last records did not concern this service. */
  stored: bigint;
  storedAtMs: number;
}

export interface PartitionOffsetsOptions {
  pool: Pool;
  kafka: Kafka;
  logger: Logger;
  /**
   * Called if the database was restored while the service runs. Defaults to ending the process, which restarts and
   * replays.
   */
  onRewound?: ((error: RewoundDatabaseError) => void) | undefined;
}

/** The positions of a consumer's partitions: a cache of those in its database. */
export class PartitionOffsets {
  readonly #options: PartitionOffsetsOptions;
  readonly #known = new Map<string, PartitionOffset>();
  /** The furthest position that this process has seen in the database: it never moves back. */
  readonly #furthest = new Map<string, bigint>();
  /** Whether each position goes to the database at once, for other replicas that wait for it. */
  #storesEach = true;
  /** Offsets that were not committed to Kafka yet. */
  readonly #uncommitted = new Map<string, TopicPartitionOffset>();

  constructor(options: PartitionOffsetsOptions) {
    this.#options = options;
  }

  /** Clears the cache after a rebalance: another consumer may have moved the positions in the database. */
  forgetAll(): void {
    this.#known.clear();
    this.#uncommitted.clear();
  }

  /** @param key as of `topicPartition` */
  forget(key: string): void {
    this.#known.delete(key);
  }

  isKnown(topic: string, partition: number): boolean {
    return this.#known.has(topicPartition(topic, partition));
  }

  /**
   * Returns the position of a partition, from the database if it is not cached.
   * @returns the offset of the next record to process; `first` for a partition that was never seen
   * @throws RewoundDatabaseError if the position in the database moved back
   */
  async next(topic: string, partition: number, first: bigint): Promise<bigint> {
    const key = topicPartition(topic, partition);
    const known = this.#known.get(key);
    if (known !== undefined) return known.next;
    const stored = await loadPosition(this.#options.pool, topic, partition, first);
    const furthest = this.#furthest.get(key);
    if (furthest !== undefined && stored < furthest) {
      const error = new RewoundDatabaseError(`${topic}[${partition}]`, furthest, stored);
      (this.#options.onRewound ?? endProcess)(error);
      throw error;
    }
    this.#furthest.set(key, stored);
    this.#known.set(key, { topic, partition, next: stored, stored, storedAtMs: performance.now() });
    return stored;
  }

  /** @throws FencedError after a rebalance: another consumer may own the partition */
  of(topic: string, partition: number): PartitionOffset {
    const offset = this.#known.get(topicPartition(topic, partition));
    if (offset === undefined) throw new FencedError(topic, partition);
    return offset;
  }

  /** Notes that a transaction moved a position in the database. */
  noteStored(topic: string, partition: number, next: bigint): void {
    this.#goTo({ topic, partition, next, stored: next, storedAtMs: performance.now() });
    this.#furthest.set(topicPartition(topic, partition), next);
  }

  /**
   * Moves a position in memory over records that do not concern this service.
   * @returns `false` if the position is to be stored in the database
   * @throws FencedError as {@link of}
   */
  skipTo(topic: string, partition: number, next: bigint): boolean {
    const offset = this.of(topic, partition);
    if (this.#storesEach || performance.now() - offset.storedAtMs > STORE_INTERVAL_MS) return false;
    this.#goTo({ ...offset, next });
    return true;
  }

  /** From now on positions may move in memory only, until {@link storeSkipped}. */
  allowSkips(): void {
    this.#storesEach = false;
  }

  /** Stores positions that moved in memory only: a replica that starts waits for them. */
  async storeSkipped(): Promise<void> {
    const skipped = [...this.#known].filter(([, { next, stored }]) => next > stored).sort(byKey);
    if (skipped.length === 0) return;
    const moved = await moveIfUnchanged(
      this.#options.pool,
      skipped.map(([, { topic, partition, next, stored }]) => ({ topic, partition, from: stored, to: next })),
    );
    for (const [key, { next, stored }] of skipped) {
      const now = this.#known.get(key);
      // A batch stored a position meanwhile, or another replica owns the partition: the batch or the next read detects
      // it.
      if (now?.stored !== stored || !moved.has(key)) continue;
      this.#known.set(key, { ...now, stored: next, storedAtMs: performance.now() });
      this.#furthest.set(key, next);
    }
  }

  /** Notes an offset to be committed to Kafka, for lag tools. */
  noteUncommitted(topic: string, partition: number, next: bigint): void {
    this.#uncommitted.set(topicPartition(topic, partition), { topic, partition, offset: String(next) });
  }

  /** Commits offsets to Kafka. For lag tools only: the position in the database decides. */
  async commit(commitOffsets: (offsets: TopicPartitionOffset[]) => Promise<void>): Promise<void> {
    const offsets = [...this.#uncommitted.values()];
    if (offsets.length === 0) return;
    this.#uncommitted.clear();
    try {
      await commitOffsets(offsets);
    } catch (error) {
      // Retried at the next commit, unless a newer offset replaces them.
      for (const offset of offsets) {
        const key = topicPartition(offset.topic, offset.partition);
        if (!this.#uncommitted.has(key)) this.#uncommitted.set(key, offset);
      }
      this.#options.logger.debug({ err: error }, 'consumer.offset_commit_failed');
    }
  }

  /**
   * Resets the position if the topic ends before it, which means that the topic was deleted and recreated. The topic is
   * then read from its beginning; the inbox drops messages that were handled before.
   * @param from the position
   * @param first the first record in the topic now
   * @returns whether the position was reset
   */
  async resetIfRecreated(topic: string, partition: number, from: bigint, first: bigint): Promise<boolean> {
    const { pool, logger } = this.#options;
    if ((await this.#brokerOffsets(topic, partition)).high >= from) return false;
    logger.error({ topic, partition, from: String(from), to: String(first) }, 'consumer.topic_recreated');
    await resetPosition(pool, topic, partition, from, first);
    const key = topicPartition(topic, partition);
    this.#known.delete(key);
    this.#furthest.delete(key);
    return true;
  }

  /** Whether the broker still has the record at `offset`; retention may have removed it. */
  async isKept(topic: string, partition: number, offset: bigint): Promise<boolean> {
    const { low } = await this.#brokerOffsets(topic, partition);
    if (low <= offset) return true;
    this.#options.logger.error(
      { topic, partition, from: String(offset), to: String(low) },
      'consumer.records_lost',
    );
    return false;
  }

  #goTo(offset: PartitionOffset): void {
    const { topic, partition, next } = offset;
    this.#known.set(topicPartition(topic, partition), offset);
    this.noteUncommitted(topic, partition, next);
  }

  /** Returns the offsets of the first record of a partition on the broker, and of the next one to be written. */
  async #brokerOffsets(topic: string, partition: number): Promise<{ low: bigint; high: bigint }> {
    const admin = this.#options.kafka.admin();
    await admin.connect();
    try {
      const found = (await admin.fetchTopicOffsets(topic)).find((one) => one.partition === partition);
      return { low: BigInt(found?.low ?? '0'), high: BigInt(found?.high ?? '0') };
    } finally {
      await admin.disconnect();
    }
  }
}

/** The order in which every batch moves positions. */
function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

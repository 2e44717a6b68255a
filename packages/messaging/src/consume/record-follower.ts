import { repeat, type Repeated } from '@tallystick/postgres';
import { recordLag, type Logger } from '@tallystick/telemetry';
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import type { Kafka } from '../kafka.ts';
import { IncomingRecord } from '../publish/record.ts';
import { Backoff } from './backoff.ts';
import { chunksOf } from './chunks.ts';
import { MicroBatch } from './micro-batch.ts';
import { topicPartition } from './position.ts';
import { groupTiming, ResilientConsumer } from './resilient-consumer.ts';

/** The largest part of a partition in one transaction. */
const CHUNK_MAX = { itemsMax: 500, bytesMax: 2_097_152 };
const FETCH_BYTES_PER_PARTITION_MAX = 1_048_576;
const PARTITIONS_AT_ONCE = 16;
/** How often new topics are looked for, and positions that somebody moved in the database. */
const LOOK_INTERVAL_MS = 5_000;
const BACKOFF_MAX_MS = 5_000;

/** Records of one partition, and how they move its position. */
export interface FollowedChunk {
  /** With its prefix. */
  topic: string;
  partition: number;
  /** The position before them. */
  from: bigint;
  /** The position after them. */
  to: bigint;
  records: readonly IncomingRecord[];
  /** Whether the topic was deleted and created again: what was read of it before is no longer on it. */
  isRecreated: boolean;
}

/** The position of a partition: the offset of the next record. */
export interface FollowedPosition {
  topic: string;
  partition: number;
  next: bigint;
}

export interface RecordFollowerOptions {
  kafka: Kafka;
  /** The consumer group, with its prefix: replicas share the partitions. */
  groupId: string;
  logger: Logger;
  /** @param topic with its prefix */
  isFollowed: (topic: string) => boolean;
  /** Reads the stored positions. A partition without one is read from its beginning. */
  positions: () => Promise<readonly FollowedPosition[]>;
  /**
   * Stores what the records say and moves the positions, in one transaction.
   * @returns the chunks that were stored: those whose position was still at `from`
   */
  take: (chunks: readonly FollowedChunk[]) => Promise<ReadonlySet<FollowedChunk>>;
}

/**
 * Follows all records of topics, also of topics that are created later, for a program that looks on: it checks nothing and
 * quarantines nothing. Positions are those that the caller stores with the records. A position that is moved in the database
 * moves the follower, so that topics can be read again.
 */
export class RecordFollower {
  readonly #options: RecordFollowerOptions;
  readonly #admin: Admin;
  readonly #microBatch = new MicroBatch<{ chunk: FollowedChunk; isTaken: boolean }>((parts) =>
    this.#takeAll(parts),
  );
  readonly #stopped = new AbortController();
  readonly #next = new Map<string, bigint>();
  #names: readonly string[] = [];
  #consumer: ResilientConsumer | undefined;
  #looking: Repeated | undefined;

  constructor(options: RecordFollowerOptions) {
    this.#options = options;
    this.#admin = options.kafka.admin();
  }

  /** Whether it gets new records. */
  get isFollowing(): boolean {
    return this.#consumer?.isJoined === true;
  }

  /** Begins to follow the topics that exist. */
  async start(): Promise<void> {
    const { logger } = this.#options;
    await this.#admin.connect();
    await this.#follow(await this.#listTopics());
    this.#looking = repeat(
      LOOK_INTERVAL_MS,
      () => this.#look(),
      (error) => logger.warn({ err: error }, 'follower.look_failed'),
    );
  }

  /** Finishes the running batches and leaves the group. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#looking?.stop();
    await this.#leave();
    await this.#admin.disconnect();
  }

  async #leave(): Promise<void> {
    await this.#consumer?.stop();
    await this.#consumer?.disconnect();
  }

  async #listTopics(): Promise<string[]> {
    const names = await this.#admin.listTopics();
    return names.filter((name) => this.#options.isFollowed(name)).sort();
  }

  /** Follows topics that were created meanwhile, and moves to positions that were moved in the database. */
  async #look(): Promise<void> {
    const names = await this.#listTopics();
    if (names.some((name) => !this.#names.includes(name))) {
      await this.#leave();
      await this.#follow(names);
      return;
    }
    for (const { topic, partition, next } of await this.#options.positions()) {
      const known = this.#next.get(topicPartition(topic, partition));
      if (known !== undefined && next < known) this.#moveTo(topic, partition, next);
    }
  }

  #moveTo(topic: string, partition: number, next: bigint): void {
    this.#next.set(topicPartition(topic, partition), next);
    this.#consumer?.current.seek({ topic, partition, offset: String(next) });
  }

  async #follow(names: readonly string[]): Promise<void> {
    const { kafka, groupId, logger } = this.#options;
    this.#names = names;
    if (names.length === 0) return;
    this.#consumer = new ResilientConsumer({
      make: () =>
        kafka.consumer({
          groupId,
          maxWaitTimeInMs: 500,
          maxBytesPerPartition: FETCH_BYTES_PER_PARTITION_MAX,
          ...groupTiming,
          allowAutoTopicCreation: false,
        }),
      begin: (consumer) => this.#begin(consumer),
      logger,
    });
    await this.#consumer.start();
  }

  async #begin(consumer: Consumer): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#names], fromBeginning: true });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      this.#next.clear();
      void this.#seek(consumer, memberAssignment);
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
  }

  /** Seeks to the stored positions. If this fails, the records before them are skipped one by one. */
  async #seek(consumer: Consumer, assignment: Record<string, number[]>): Promise<void> {
    try {
      for (const { topic, partition, next } of await this.#options.positions())
        if (assignment[topic]?.includes(partition) === true) {
          // Known from now on, also if no record follows: somebody may move the position back.
          const key = topicPartition(topic, partition);
          if (!this.#next.has(key)) this.#next.set(key, next);
          consumer.seek({ topic, partition, offset: String(next) });
        }
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'follower.seek_failed');
    }
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat } = payload;
    const { topic, partition } = batch;
    const end = BigInt(batch.highWatermark);
    for (const messages of chunksOf(batch.messages, ({ value }) => value?.length ?? 0, CHUNK_MAX)) {
      const records = messages.map((message) => new IncomingRecord(topic, partition, message));
      if (!(await this.#takeRecords(topic, partition, records, { end, payload }))) return;
      const last = records.at(-1)!.offset;
      recordLag(topic, partition, Number(end - last - 1n));
      resolveOffset(String(last));
      await heartbeat();
    }
  }

  /** @returns whether the partition may continue after these records */
  async #takeRecords(
    topic: string,
    partition: number,
    records: readonly IncomingRecord[],
    { end, payload }: { end: bigint; payload: EachBatchPayload },
  ): Promise<boolean> {
    const retry = new Backoff(BACKOFF_MAX_MS);
    while (!this.#stopped.signal.aborted && payload.isRunning() && !payload.isStale()) {
      try {
        const from = await this.#position(topic, partition);
        const isRecreated = from > end;
        const todo = isRecreated ? records : records.filter(({ offset }) => offset >= from);
        if (todo.length === 0) return true;
        const to = todo.at(-1)!.offset + 1n;
        const part = {
          chunk: { topic, partition, from, to, records: todo, isRecreated },
          isTaken: false,
        };
        await this.#microBatch.join(async () => part);
        if (part.isTaken) {
          this.#next.set(topicPartition(topic, partition), to);
          return true;
        }
        // Another replica moved the position, or somebody asked to read the topic again.
        this.#next.delete(topicPartition(topic, partition));
        this.#moveTo(topic, partition, await this.#position(topic, partition));
        return false;
      } catch (error) {
        this.#options.logger.warn({ err: error, topic, partition }, 'follower.batch_failed');
        await payload.heartbeat();
        await retry.wait();
      }
    }
    return false;
  }

  async #takeAll(parts: readonly { chunk: FollowedChunk; isTaken: boolean }[]): Promise<void> {
    const taken = await this.#options.take(parts.map(({ chunk }) => chunk));
    for (const part of parts) part.isTaken = taken.has(part.chunk);
  }

  async #position(topic: string, partition: number): Promise<bigint> {
    const key = topicPartition(topic, partition);
    const known = this.#next.get(key);
    if (known !== undefined) return known;
    const stored = await this.#options.positions();
    const next = stored.find((one) => one.topic === topic && one.partition === partition)?.next ?? 0n;
    this.#next.set(key, next);
    return next;
  }
}

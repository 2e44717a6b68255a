import { topics, type TopicName } from '@tallystick/contracts';
import { isTransient, repeat, type Pool, type Repeated } from '@tallystick/postgres';
import { recordLag, type Logger } from '@tallystick/telemetry';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { Kafka } from '../kafka.ts';
import type { Outbox } from '../publish/outbox.ts';
import type { Publisher } from '../publish/publisher.ts';
import { IncomingRecord } from '../publish/record.ts';
import { AnswersFirst } from './answers-first.ts';
import { Backoff } from './backoff.ts';
import { checkRecords, type CheckOptions } from './check-records.ts';
import { discard, type CheckedRecord } from './checked-record.ts';
import { ChunkTransaction, type ChunkTransactionOptions, type PartitionChunk } from './chunk-transaction.ts';
import { chunksOf } from './chunks.ts';
import { sweepInbox } from './inbox.ts';
import { isolatePoisonMessage, mayBeTheirs } from './isolate-poison-message.ts';
import { MicroBatch } from './micro-batch.ts';
import { PartitionOffsets } from './partition-offsets.ts';
import { FencedError, RewoundDatabaseError, seekToPositions } from './position.ts';
import { groupTiming, ResilientConsumer } from './resilient-consumer.ts';

/** The largest chunk of a partition in one transaction. */
const CHUNK_MAX = { itemsMax: 200, bytesMax: 1_048_576 };
/** Bytes that a fetch returns per partition, unless a single record batch is larger. */
const FETCH_BYTES_PER_PARTITION_MAX = 524_288;
/** Partitions of a fetch that share a transaction. */
const PARTITIONS_AT_ONCE = 16;
const OFFSET_INTERVAL_MS = 5_000;
const SWEEP_INTERVAL_MS = 60_000;
const BACKOFF_MAX_MS = 2_000;

/** The id of the service in {@link CheckOptions} is also the consumer group, after the prefix. */
export interface BatchConsumerOptions extends CheckOptions {
  kafka: Kafka;
  pool: Pool;
  outbox: Outbox;
  publisher: Publisher;
  logger: Logger;
  /**
   * Called if the database was restored while the service runs. Defaults to ending the process, which restarts and
   * replays.
   */
  onRewound?: (error: RewoundDatabaseError) => void;
  onAccepted?: ChunkTransactionOptions['onAccepted'];
}

/**
 * Consumes topics in batches: fetch, check every envelope, one transaction for all partitions of the fetch, one
 * produce. A message that fails a check never blocks its partition; a fault of this service is retried with back-off.
 */
export class BatchConsumer {
  readonly #options: BatchConsumerOptions;
  readonly #consumer: ResilientConsumer;
  readonly #underWay = new Set<Promise<void>>();
  readonly #microBatch = new MicroBatch<PartitionChunk>((chunks) => this.#transaction.run(chunks));
  readonly #stopped = new AbortController();
  #answersFirst: AnswersFirst | undefined;
  readonly #offsets: PartitionOffsets;
  readonly #transaction: ChunkTransaction;
  #upkeep: Repeated[] = [];

  constructor(options: BatchConsumerOptions) {
    this.#options = options;
    const { kafka, topicPrefix, service, logger } = options;
    this.#offsets = new PartitionOffsets(options);
    this.#transaction = new ChunkTransaction({ ...options, offsets: this.#offsets });
    this.#consumer = new ResilientConsumer({
      make: () =>
        kafka.consumer({
          groupId: topicPrefix + service,
          maxWaitTimeInMs: 500,
          maxBytesPerPartition: FETCH_BYTES_PER_PARTITION_MAX,
          ...groupTiming,
          allowAutoTopicCreation: false,
        }),
      begin: (consumer) => this.#begin(consumer),
      logger,
    });
  }

  /** Whether this consumer is a member of its group. */
  get isJoined(): boolean {
    return this.#consumer.isJoined;
  }

  /**
   * Joins the group and consumes. Resolves when partitions are assigned and the other services' present events are
   * read; this service's own topics wait for that.
   */
  async start(): Promise<void> {
    const { kafka, pool, logger, service, subscriptions, topicPrefix } = this.#options;
    const ofOthers = (Object.keys(subscriptions) as TopicName[]).filter(
      (name) => topics[name].owner !== service,
    );
    this.#answersFirst = await AnswersFirst.begin({
      kafka,
      pool,
      topics: ofOthers.map((name) => topicPrefix + name),
      logger,
    });
    await this.#consumer.start();
    const every = (intervalMs: number, work: (signal: AbortSignal) => Promise<void>): Repeated =>
      repeat(intervalMs, work, (fault) => logger.warn({ err: fault }, 'consumer.upkeep_failed'));
    this.#upkeep = [
      every(OFFSET_INTERVAL_MS, () => this.#commitOffsets()),
      every(OFFSET_INTERVAL_MS, () => this.#offsets.storeSkipped()),
      every(SWEEP_INTERVAL_MS, (signal) => sweepInbox(pool, signal)),
    ];
    await this.#answersFirst.heard(this.#stopped.signal);
    this.#offsets.allowSkips();
  }

  async #begin(consumer: Consumer): Promise<void> {
    const { subscriptions, topicPrefix } = this.#options;
    await consumer.connect();
    await consumer.subscribe({
      topics: Object.keys(subscriptions).map((name) => topicPrefix + name),
      fromBeginning: true,
    });
    const joined = new Promise<void>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
        this.#offsets.forgetAll();
        void this.#seek(consumer, memberAssignment);
        resolve();
      });
    });
    const crashed = new Promise<never>((_resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => !payload.restart && reject(payload.error));
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.#track(this.#eachBatch(payload)),
    });
    await Promise.race([joined, crashed]);
  }

  /**
   * Seeks to the positions in the database; offsets in Kafka are for lag tools only. If this fails, the position is
   * read with the first record of a partition.
   */
  async #seek(consumer: Consumer, assignment: Record<string, number[]>): Promise<void> {
    try {
      await seekToPositions(consumer, this.#options.pool, assignment);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'consumer.seek_failed');
    }
  }

  /** Finishes the running batches and leaves the group. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    const upkeep = Promise.all(this.#upkeep.map((one) => one.stop()));
    await Promise.allSettled(this.#underWay);
    // Only a member of the group can.
    await this.#commitOffsets();
    await this.#consumer.stop();
    // kafkajs may have restarted the consumer, and then returns while a batch is running.
    await Promise.allSettled(this.#underWay);
    await upkeep;
    await this.#consumer.disconnect();
  }

  #track(batch: Promise<void>): Promise<void> {
    const tracked = batch.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const { topic, partition } = batch;
    if (this.#answersFirst?.holds(topic) === true) {
      this.#answersFirst.add(payload.pause());
      return;
    }
    for (const chunk of chunksOf(batch.messages, ({ value }) => value?.length ?? 0, CHUNK_MAX)) {
      if (this.#stopped.signal.aborted || !isRunning() || isStale()) return;
      const goOn = await this.#carryOut(
        topic,
        partition,
        chunk.map((message) => new IncomingRecord(topic, partition, message)),
        {
          heartbeat,
          isRunning: () => !this.#stopped.signal.aborted && isRunning() && !isStale(),
          endOffset: BigInt(batch.highWatermark),
        },
      );
      if (!goOn) return;
      const last = BigInt(chunk.at(-1)!.offset);
      recordLag(topic, partition, Number(BigInt(batch.highWatermark) - last - 1n));
      resolveOffset(String(last));
      await heartbeat();
    }
  }

  /** @returns whether the partition may continue after these records */
  async #carryOut(
    topic: string,
    partition: number,
    received: readonly IncomingRecord[],
    control: { heartbeat: () => Promise<void>; isRunning: () => boolean; endOffset: bigint },
  ): Promise<boolean> {
    const { logger } = this.#options;
    const retry = new Backoff(BACKOFF_MAX_MS);
    let checked: CheckedRecord[] | undefined;
    while (control.isRunning()) {
      try {
        const isFirst = !this.#offsets.isKnown(topic, partition);
        const from = await this.#offsets.next(topic, partition, received[0]!.offset);
        if (
          from > control.endOffset &&
          (await this.#offsets.resetIfRecreated(topic, partition, from, received[0]!.offset))
        )
          continue;
        const records = received.filter(({ offset }) => offset >= from);
        if (records.length === 0) {
          this.#offsets.noteUncommitted(topic, partition, from);
          return true;
        }
        if (
          isFirst &&
          records[0]!.offset > from &&
          received[0]!.offset > from &&
          (await this.#offsets.isKept(topic, partition, from))
        ) {
          this.#consumer.current.seek({ topic, partition, offset: String(from) });
          return false;
        }
        const known = checked;
        await this.#microBatch.join(async () => {
          checked = known ?? (await checkRecords(records, this.#options));
          return { topic, partition, checked: checked.filter(({ record }) => record.offset >= from) };
        });
        return true;
      } catch (error) {
        if (error instanceof RewoundDatabaseError) return false;
        if (error instanceof FencedError) this.#offsets.forget(error.topicPartition);
        else if (mayBeTheirs(error) && retry.attempts > 0 && checked !== undefined) {
          // The cause may be another partition: this one is tried alone before its messages are.
          return this.#alone(topic, partition, checked, control);
        } else logger.warn({ err: error, topic, partition }, 'consumer.batch_failed');
        await control.heartbeat();
        await retry.wait();
        if (isTransient(error)) {
          discard(checked ?? []);
          checked = undefined;
        }
      }
    }
    return false;
  }

  /** Handles the chunk of one partition without the other partitions of its batch. */
  async #alone(
    topic: string,
    partition: number,
    checked: readonly CheckedRecord[],
    control: { heartbeat: () => Promise<void>; isRunning: () => boolean },
  ): Promise<boolean> {
    try {
      await this.#transactAlone(topic, partition, checked);
      return true;
    } catch (error) {
      this.#options.logger.error(
        { err: error, topic, partition, messages: checked.length },
        'consumer.batch_isolated',
      );
      return isolatePoisonMessage(
        checked,
        {
          topic,
          partition,
          ...control,
          check: async (record) => (await checkRecords([record], this.#options))[0]!,
          carryOut: (one) => this.#transactAlone(topic, partition, [one]),
          successes: () => this.#transaction.successes,
          forget: (partition) => this.#offsets.forget(partition),
          logger: this.#options.logger,
        },
        isTransient(error),
      );
    }
  }

  /** Handles the records of one partition in a transaction, except those that were handled meanwhile. */
  async #transactAlone(topic: string, partition: number, checked: readonly CheckedRecord[]): Promise<void> {
    const from = await this.#offsets.next(topic, partition, checked[0]!.record.offset);
    const todo = checked.filter(({ record }) => record.offset >= from);
    if (todo.length > 0) await this.#transaction.run([{ topic, partition, checked: todo }]);
  }

  #commitOffsets(): Promise<void> {
    return this.#offsets.commit((offsets) => this.#consumer.current.commitOffsets(offsets));
  }
}

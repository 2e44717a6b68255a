import { context } from '@opentelemetry/api';
import { findMessage, topics, type TopicName } from '@tallystick/contracts';
import { isTransient, repeat, type Pool, type Repeated, type Transaction } from '@tallystick/postgres';
import {
  openUnless,
  type DecryptionKey,
  type EnvelopePolicy,
  type Keyring,
  type RefusedMessage,
} from '@tallystick/security';
import { countDeprecated, countMessage, recordBatch, type Logger } from '@tallystick/telemetry';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { AnswersFirst } from './answers-first.ts';
import { Backoff } from './backoff.ts';
import type { Batch, IncomingMessage } from './batch.ts';
import { discard, type Checked } from './checked-record.ts';
import { cut } from './chunks.ts';
import { pruneInbox, takeIn } from './inbox.ts';
import type { Kafka } from '../kafka.ts';
import { groupTiming, KeptConsumer } from './resilient-consumer.ts';
import { mayBeTheirs, tryOneByOne } from './isolate-poison-message.ts';
import type { Outbox, Send } from '../publish/outbox.ts';
import { FencedError, loadPositions, movePositions, placeOf, SetBackError } from './position.ts';
import { quarantineRecord } from './quarantine.ts';
import { IncomingRecord, type OutgoingRecord } from '../publish/record.ts';
import { Round } from './micro-batch.ts';
import { recordRefusal, startBatchSpan, startMessageSpan } from './spans.ts';
import { Standings } from './partition-offsets.ts';

/** What one transaction carries out of a partition at the most. */
const SLICE_MAX = { itemsMax: 200, bytesMax: 1_048_576 };
/** That one fetch brings of a partition, unless a single batch of records is larger. */
const FETCH_BYTES_PER_PARTITION_MAX = 524_288;
/** All that one fetch may bring: they share a transaction. */
const PARTITIONS_AT_ONCE = 16;
const OFFSET_COMMIT_INTERVAL_MS = 5_000;
const PRUNE_INTERVAL_MS = 60_000;
const BACKOFF_MAX_MS = 2_000;

/**
 * What a service does with the messages of a topic.
 * @template Prepared what `prepare` makes of a batch
 */
export interface Subscription<Prepared = unknown> {
  /**
   * The types that it acts on. Others, on a topic of another service, are left alone unopened: checking what has no
   * effect here would cost as much as carrying it out. On its own topics a service checks everything.
   */
  types: ReadonlySet<string>;
  /** Does what needs no database, such as checking evidence, before a transaction begins. */
  prepare?(messages: readonly IncomingMessage[]): Promise<Prepared>;
  /** Carries out the new messages of a batch, in their order, within its transaction. */
  handle(batch: Batch<Prepared>, tx: Transaction, send: Send): Promise<void>;
  /**
   * Tells senders that nothing came of their commands, which are authentic and expired. They are quarantined like any
   * other expired message; without an answer the sender would wait for ever.
   */
  onExpired?(messages: readonly IncomingMessage[], tx: Transaction, send: Send): Promise<void>;
}

export interface BatchConsumerOptions {
  kafka: Kafka;
  /** This service's id; also the consumer group, after the prefix. */
  service: string;
  topicPrefix: string;
  subscriptions: Partial<Record<TopicName, Subscription>>;
  pool: Pool;
  outbox: Outbox;
  keyring: Keyring;
  awaitKey: (kid: string) => Promise<boolean>;
  /** The keys that open what is confidential to this service, at the time of asking. */
  decryptionKeys?: () => readonly DecryptionKey[];
  policy?: EnvelopePolicy;
  logger: Logger;
  nowMs: () => number;
  /** Hears that the database was set back while this runs; by default the process ends, to start anew. */
  onSetBack?: (error: SetBackError) => void;
}

/** What a transaction carries out of one partition. */
interface Slice {
  topic: string;
  partition: number;
  /** In their order, at least one. */
  checked: readonly Checked[];
}

/** What is to be done of one topic in a transaction. */
interface Work {
  topic: string;
  records: number;
  subscription: Subscription;
  accepted: readonly IncomingMessage[];
  prepared: unknown;
  late: readonly IncomingMessage[];
}

/**
 * Consumes topics batch by batch: fetch, check every envelope, then one transaction for all partitions of the fetch
 * that moves their positions, takes the messages in, changes the state and writes the outbox and the quarantine; then
 * one produce.
 * A message that fails a check never blocks its partition; a fault of ours is retried with back-off.
 */
export class BatchConsumer {
  readonly #options: BatchConsumerOptions;
  readonly #consumer: KeptConsumer;
  readonly #underWay = new Set<Promise<void>>();
  readonly #round = new Round<Slice>((slices) => this.#transact(slices));
  readonly #stopped = new AbortController();
  #answersFirst: AnswersFirst | undefined;
  readonly #standings: Standings;
  #upkeep: Repeated[] = [];
  #successes = 0;

  constructor(options: BatchConsumerOptions) {
    this.#options = options;
    const { kafka, topicPrefix, service, logger } = options;
    this.#standings = new Standings(options);
    this.#consumer = new KeptConsumer({
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

  /** Whether it is a member of its group: messages come here, or the group has none for it. */
  get isJoined(): boolean {
    return this.#consumer.isJoined;
  }

  /**
   * Joins the group and begins. Resolves once partitions are assigned and everything is heard that other services had told
   * by then; this service's own topics wait for that.
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
    const onFault = (fault: unknown): void => logger.warn({ err: fault }, 'upkeep will try again');
    this.#upkeep = [
      repeat(OFFSET_COMMIT_INTERVAL_MS, () => this.#commitOffsets(), onFault),
      repeat(PRUNE_INTERVAL_MS, () => pruneInbox(pool), onFault),
    ];
    await this.#answersFirst.heard(this.#stopped.signal);
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
        this.#standings.forgetAll();
        void this.#seek(consumer, memberAssignment);
        resolve();
      });
    });
    const crashed = new Promise<never>((_resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
        if (!restart) reject(error);
      });
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
   * Goes on from where the database stands, which a restore may have set back: Kafka's own word is for lag tools.
   * Where this fails, the first record of a partition tells.
   */
  async #seek(consumer: Consumer, assignment: Record<string, number[]>): Promise<void> {
    try {
      for (const { topic, partition, next } of await loadPositions(
        this.#options.pool,
        Object.keys(assignment),
      )) {
        if (assignment[topic]?.includes(partition) === true)
          consumer.seek({ topic, partition, offset: String(next) });
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'positions are looked up as records come');
    }
  }

  /** Finishes the batches at hand and leaves the group. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    const upkeep = Promise.all(this.#upkeep.map((one) => one.stop()));
    await Promise.allSettled(this.#underWay);
    // Only a member of the group can.
    await this.#commitOffsets();
    await this.#consumer.stop();
    // After a restart of its own kafkajs may return while a batch goes on.
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
    for (const slice of cut(batch.messages, valueBytesOf, SLICE_MAX)) {
      if (this.#stopped.signal.aborted || !isRunning() || isStale()) return;
      const goOn = await this.#carryOut(
        topic,
        partition,
        slice.map((message) => new IncomingRecord(topic, partition, message)),
        {
          heartbeat,
          isRunning: () => !this.#stopped.signal.aborted && isRunning() && !isStale(),
          endOffset: BigInt(batch.highWatermark),
        },
      );
      if (!goOn) return;
      resolveOffset(slice.at(-1)!.offset);
      await heartbeat();
    }
  }

  /** @returns whether the partition may go on behind these records */
  async #carryOut(
    topic: string,
    partition: number,
    received: readonly IncomingRecord[],
    control: { heartbeat: () => Promise<void>; isRunning: () => boolean; endOffset: bigint },
  ): Promise<boolean> {
    const { logger } = this.#options;
    const retry = new Backoff(BACKOFF_MAX_MS);
    let checked: Checked[] | undefined;
    while (control.isRunning()) {
      try {
        const isFirst = !this.#standings.isKnown(topic, partition);
        const from = await this.#standings.next(topic, partition, received[0]!.offset);
        if (
          from > control.endOffset &&
          (await this.#standings.beganAnew(topic, partition, from, received[0]!.offset))
        )
          continue;
        const records = received.filter(({ offset }) => offset >= from);
        if (records.length === 0) {
          this.#standings.noteUncommitted(topic, partition, from);
          return true;
        }
        if (
          isFirst &&
          records[0]!.offset > from &&
          received[0]!.offset > from &&
          (await this.#standings.isKept(topic, partition, from))
        ) {
          this.#consumer.current.seek({ topic, partition, offset: String(from) });
          return false;
        }
        const known = checked;
        await this.#round.join(async () => {
          checked = known ?? (await this.#check(records));
          return { topic, partition, checked: checked.filter(({ record }) => record.offset >= from) };
        });
        return true;
      } catch (error) {
        if (error instanceof SetBackError) return false;
        if (error instanceof FencedError) this.#standings.forget(error.place);
        else if (mayBeTheirs(error) && retry.attempts > 0 && checked !== undefined) {
          // It may have been another partition's: this one goes alone before its messages do.
          return this.#alone(topic, partition, checked, control);
        } else logger.warn({ err: error, topic, partition }, 'a batch will be tried again');
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

  /** Carries out what one partition brought without the others of its round. */
  async #alone(
    topic: string,
    partition: number,
    checked: readonly Checked[],
    control: { heartbeat: () => Promise<void>; isRunning: () => boolean },
  ): Promise<boolean> {
    try {
      await this.#transactAlone(topic, partition, checked);
      return true;
    } catch (error) {
      this.#options.logger.error(
        { err: error, topic, partition, messages: checked.length },
        'a batch fails; its messages are tried one by one',
      );
      return tryOneByOne(
        checked,
        {
          topic,
          partition,
          ...control,
          check: async (record) => (await this.#check([record]))[0]!,
          carryOut: (one) => this.#transactAlone(topic, partition, [one]),
          successes: () => this.#successes,
          forget: (place) => this.#standings.forget(place),
          logger: this.#options.logger,
        },
        isTransient(error),
      );
    }
  }

  /** A transaction of one partition, but for what was dealt with meanwhile. */
  async #transactAlone(topic: string, partition: number, checked: readonly Checked[]): Promise<void> {
    const from = await this.#standings.next(topic, partition, checked[0]!.record.offset);
    const todo = checked.filter(({ record }) => record.offset >= from);
    if (todo.length > 0) await this.#transact([{ topic, partition, checked: todo }]);
  }

  async #check(records: readonly IncomingRecord[]): Promise<Checked[]> {
    const { keyring, awaitKey, policy, topicPrefix, decryptionKeys, nowMs } = this.#options;
    const openContext = {
      keyring,
      waitForKey: awaitKey,
      policy,
      topicPrefix,
      decryptionKeys: decryptionKeys?.(),
      nowMs: nowMs(),
    };
    return Promise.all(
      records.map(async (record): Promise<Checked> => {
        const { topic, key, value } = record;
        const result = await openUnless(
          (type, version) => this.#isForOthers(topic, type, version),
          { topic, key: key?.toString('utf8') ?? null, value },
          openContext,
        );
        if (result === undefined) return { record };
        if (!result.ok) return { record, refusal: result.refusal };
        return {
          record,
          message: { opened: result.message, record, ...startMessageSpan(record, result.message) },
        };
      }),
    );
  }

  /**
   * Whether a message on another service's topic does not concern this one: its type is not handled here, or a later
   * release wrote it in a version that is not known here. An event comes in each version that is read, under one `jti`. A
   * type that contracts do not know is checked, and refused.
   */
  #isForOthers(topic: string, type: string, version: unknown): boolean {
    const { subscriptions, topicPrefix, service } = this.#options;
    const name = topic.slice(topicPrefix.length) as TopicName;
    if (topics[name].owner === service) return false;
    const definition = findMessage(name, type);
    if (definition === undefined) return false;
    const isLaterVersion = typeof version === 'number' && version > definition.version;
    return isLaterVersion || !subscriptions[name]!.types.has(type);
  }

  /** Carries slices out, at most one of each partition, all in one transaction. */
  async #transact(slices: readonly Slice[]): Promise<void> {
    // In one order everywhere, so that two owners cannot wait for each other in a circle.
    const concerning = slices.filter((slice) => !this.#skips(slice)).sort(byPlace);
    if (concerning.length === 0) return;
    const startedAt = performance.now();
    const records = concerning.flatMap(({ checked }) => checked.map(({ record }) => record));
    const { span, spanContext } = startBatchSpan(records);
    const refused = concerning.flatMap(({ checked }) => checked.filter((one) => one.refusal !== undefined));
    const works = await Promise.all(
      [...Map.groupBy(concerning, ({ topic }) => topic)].map(([topic, own]) => this.#prepare(topic, own)),
    );
    try {
      const fresh = await context.with(spanContext, () =>
        this.#options.outbox.transaction((tx, send) => this.#handle(concerning, works, tx, send), {
          extra: () => refused.map(({ record, refusal }) => this.#quarantined(record, refusal!)),
        }),
      );
      for (const { topic, partition, checked } of concerning) {
        this.#standings.noteStored(topic, partition, endOf(checked));
      }
      this.#successes += 1;
      const durationS = (performance.now() - startedAt) / 1000;
      for (const { topic, records: own, accepted } of works) {
        this.#reportAccepted(accepted, fresh);
        recordBatch(topic, durationS, own);
      }
      this.#reportRefused(refused);
    } finally {
      for (const { late } of works) for (const message of late) message.span.end();
      span.end();
    }
  }

  /** Moves on in memory where nothing in a slice concerns this service, and the database heard of it lately. */
  #skips({ topic, partition, checked }: Slice): boolean {
    const isForOthers = checked.every(
      ({ message, refusal }) => message === undefined && refusal === undefined,
    );
    return isForOthers && this.#standings.skipTo(topic, partition, endOf(checked));
  }

  async #prepare(topic: string, slices: readonly Slice[]): Promise<Work> {
    const { subscriptions, topicPrefix } = this.#options;
    const subscription = subscriptions[topic.slice(topicPrefix.length) as TopicName]!;
    const checked = slices.flatMap((slice) => slice.checked);
    const accepted = checked.flatMap(({ message }) => (message === undefined ? [] : [message]));
    const prepared = accepted.length === 0 ? undefined : await subscription.prepare?.(accepted);
    return {
      topic,
      records: checked.length,
      subscription,
      accepted,
      prepared,
      late: lateMessages(checked),
    };
  }

  async #handle(
    slices: readonly Slice[],
    works: readonly Work[],
    tx: Transaction,
    send: Send,
  ): Promise<ReadonlySet<IncomingMessage>> {
    const accepted = works.flatMap((work) => work.accepted);
    const moves = slices.map(({ topic, partition, checked }) => ({
      topic,
      partition,
      from: this.#standings.of(topic, partition).stored,
      to: endOf(checked),
    }));
    const fresh = Promise.all([takeIn(tx, accepted), movePositions(tx, moves)]).then(([taken]) => taken);
    // One topic after the other: what the first changed, the next must see.
    const handleAll = async (): Promise<void> => {
      for (const { subscription, accepted: messages, prepared, late } of works) {
        if (messages.length > 0) await subscription.handle({ messages, prepared, fresh }, tx, send);
        if (late.length > 0) await subscription.onExpired?.(late, tx, send);
      }
    };
    // Both are waited for in any case: the transaction ends after the last of them.
    const [taken, handled] = await Promise.allSettled([fresh, handleAll()]);
    if (taken.status === 'rejected') throw taken.reason;
    if (handled.status === 'rejected') throw handled.reason;
    return taken.value;
  }

  #quarantined(record: IncomingRecord, refusal: RefusedMessage): OutgoingRecord {
    const { service } = this.#options;
    return quarantineRecord(record, { ...refusal, detail: detailOf(refusal), consumer: service });
  }

  #reportAccepted(accepted: readonly IncomingMessage[], fresh: ReadonlySet<IncomingMessage>): void {
    for (const message of accepted) {
      const duplicate = !fresh.has(message);
      if (duplicate) message.span.setAttribute('tallystick.duplicate', true);
      message.span.end();
      const { definition, claims } = message.opened;
      countMessage(message.record.topic, claims.type, duplicate ? 'duplicate' : 'handled');
      if (definition.versions[claims.version]?.deprecated !== undefined)
        countDeprecated({ interface: claims.type, version: claims.version, by: claims.iss });
    }
  }

  #reportRefused(refused: readonly Checked[]): void {
    for (const { record, refusal } of refused) {
      if (refusal === undefined) continue;
      const { topic, partition, offset } = record;
      const { code, check } = refusal;
      recordRefusal(record, refusal);
      countMessage(topic, 'unknown', code);
      this.#options.logger.warn(
        { topic, partition, offset: String(offset), code, check },
        'a message was quarantined',
      );
    }
  }

  #commitOffsets(): Promise<void> {
    return this.#standings.commit((offsets) => this.#consumer.current.commitOffsets(offsets));
  }
}

function byPlace(a: Slice, b: Slice): number {
  const [left, right] = [placeOf(a.topic, a.partition), placeOf(b.topic, b.partition)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** @returns the offset behind the last of these */
function endOf(checked: readonly Checked[]): bigint {
  return checked.at(-1)!.record.offset + 1n;
}

function lateMessages(refused: readonly Checked[]): IncomingMessage[] {
  return refused.flatMap(({ record, refusal }) =>
    refusal?.late === undefined
      ? []
      : [{ opened: refusal.late, record, ...startMessageSpan(record, refusal.late) }],
  );
}

function detailOf({ detail, faults }: RefusedMessage): string | undefined {
  const places = faults?.map(({ path, message }) => `${path} ${message}`).join('; ');
  return [detail, places].filter(Boolean).join('; ') || undefined;
}

function valueBytesOf({ value }: KafkaMessage): number {
  return value?.length ?? 0;
}

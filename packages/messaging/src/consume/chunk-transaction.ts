import { context } from '@opentelemetry/api';
import { services, type EnvelopeClaims, type TopicName } from '@tallystick/contracts';
import type { Transaction } from '@tallystick/postgres';
import { claimedPaymentId, type RefusedMessage } from '@tallystick/security';
import {
  countDeprecated,
  countMessage,
  recordBatch,
  recordProcessed,
  type Logger,
} from '@tallystick/telemetry';
import type { Outbox, Send } from '../publish/outbox.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { IncomingRecord, OutgoingRecord } from '../publish/record.ts';
import type { IncomingMessage } from './batch.ts';
import type { CheckedRecord } from './checked-record.ts';
import { deduplicate } from './inbox.ts';
import type { PartitionOffsets } from './partition-offsets.ts';
import { movePositions, topicPartition } from './position.ts';
import { quarantineRecord } from './quarantine.ts';
import { recordRefusal, startBatchSpan, startMessageSpan } from './spans.ts';
import type { Subscription } from './subscription.ts';

/** Number of records that a line of the log names, by `<partition>:<offset>`. */
const LOGGED_OFFSETS_MAX = 10;

/** A line of the log about equal records in the quarantine. */
interface QuarantineLine {
  topic: string;
  code: string;
  check: string;
  isOurFault: boolean;
  offsets: string[];
  records: number;
  /** The payments that records of our own fault concern: each fails at its deadline, or goes on once they are released. */
  paymentIds?: string[];
}

/** The records of one partition in a transaction. */
export interface PartitionChunk {
  topic: string;
  partition: number;
  /** In their order, at least one. */
  checked: readonly CheckedRecord[];
}

/** The messages of one topic in a transaction. */
interface Work {
  topic: string;
  records: number;
  subscription: Subscription;
  accepted: readonly IncomingMessage[];
  prepared: unknown;
  late: readonly IncomingMessage[];
}

export interface ChunkTransactionOptions {
  service: string;
  topicPrefix: string;
  subscriptions: Partial<Record<TopicName, Subscription>>;
  outbox: Outbox;
  publisher: Publisher;
  offsets: PartitionOffsets;
  logger: Logger;
  /** Called with the claims of each message that passed the checks, after the commit. */
  onAccepted?: ((claims: EnvelopeClaims) => void) | undefined;
}

/**
 * The transaction of a batch: it moves the positions of the partitions, stores each message in the inbox, runs the handlers
 * and writes the outbox and the quarantine.
 */
export class ChunkTransaction {
  /** Number of successful transactions. */
  successes = 0;
  readonly #options: ChunkTransactionOptions;
  /** Records in the quarantine whose transaction may be tried again. */
  readonly #published = new WeakSet<IncomingRecord>();

  constructor(options: ChunkTransactionOptions) {
    this.#options = options;
  }

  /** Handles chunks, at most one per partition, in one transaction. */
  async run(chunks: readonly PartitionChunk[]): Promise<void> {
    // In the same order everywhere, so that two owners cannot deadlock.
    const concerning = chunks.filter((chunk) => !this.#skips(chunk)).sort(byTopicPartition);
    if (concerning.length === 0) return;
    const startedAt = performance.now();
    const records = concerning.flatMap(({ checked }) => checked.map(({ record }) => record));
    const { span, spanContext } = startBatchSpan(records);
    const refused = concerning.flatMap(({ checked }) => checked.filter((one) => one.refusal !== undefined));
    const works = await Promise.all(
      [...Map.groupBy(concerning, ({ topic }) => topic)].map(([topic, own]) => this.#prepare(topic, own)),
    );
    let unpublished: readonly OutgoingRecord[] = [];
    // At the same time as the transaction, and before it commits: junk takes no room in the outbox.
    const publishing = this.#publish(refused).then((left) => (unpublished = left));
    try {
      const firstSeen = await context.with(spanContext, () =>
        this.#options.outbox.transaction(
          async (tx, send) => {
            const [handled] = await Promise.allSettled([
              this.#handle(concerning, works, tx, send),
              publishing,
            ]);
            if (handled.status === 'rejected') throw handled.reason;
            return handled.value;
          },
          { extra: () => [...unpublished] },
        ),
      );
      for (const { topic, partition, checked } of concerning) {
        this.#options.offsets.noteStored(topic, partition, endOf(checked));
      }
      this.successes += 1;
      const durationS = (performance.now() - startedAt) / 1000;
      for (const { topic, records: own, accepted } of works) {
        this.#reportAccepted(accepted, firstSeen, durationS);
        recordBatch(topic, own);
      }
      this.#reportRefused(refused);
    } finally {
      for (const { late } of works) for (const message of late) message.span.end();
      span.end();
    }
  }

  /** Moves the position in memory if no record of the chunk concerns this service. */
  #skips({ topic, partition, checked }: PartitionChunk): boolean {
    const isForOthers = checked.every(
      ({ message, refusal }) => message === undefined && refusal === undefined,
    );
    return isForOthers && this.#options.offsets.skipTo(topic, partition, endOf(checked));
  }

  async #prepare(topic: string, chunks: readonly PartitionChunk[]): Promise<Work> {
    const { subscriptions, topicPrefix } = this.#options;
    const subscription = subscriptions[topic.slice(topicPrefix.length) as TopicName]!;
    const checked = chunks.flatMap((chunk) => chunk.checked);
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
    chunks: readonly PartitionChunk[],
    works: readonly Work[],
    tx: Transaction,
    send: Send,
  ): Promise<ReadonlySet<IncomingMessage>> {
    const accepted = works.flatMap((work) => work.accepted);
    const moves = chunks.map(({ topic, partition, checked }) => ({
      topic,
      partition,
      from: this.#options.offsets.of(topic, partition).stored,
      to: endOf(checked),
    }));
    const firstSeen = Promise.all([deduplicate(tx, accepted), movePositions(tx, moves)]).then(
      ([taken]) => taken,
    );
    // One topic after the other: the next must see the changes of the first.
    const handleAll = async (): Promise<void> => {
      for (const { subscription, accepted: messages, prepared, late } of works) {
        if (messages.length > 0) await subscription.handle({ messages, prepared, firstSeen }, tx, send);
        if (late.length > 0) await subscription.onExpired?.(late, tx, send);
      }
    };
    // Waits for both: the transaction ends after the last of them.
    const [taken, handled] = await Promise.allSettled([firstSeen, handleAll()]);
    if (taken.status === 'rejected') throw taken.reason;
    if (handled.status === 'rejected') throw handled.reason;
    return taken.value;
  }

  /** Publishes quarantined records. @returns those that the outbox must publish instead, if the brokers do not take them */
  async #publish(refused: readonly CheckedRecord[]): Promise<readonly OutgoingRecord[]> {
    const fresh = refused.filter(({ record }) => !this.#published.has(record));
    if (fresh.length === 0) return [];
    const quarantined = fresh.map(({ record, refusal }) => this.#quarantined(record, refusal!));
    try {
      await this.#options.publisher.publish(quarantined);
      for (const { record } of fresh) this.#published.add(record);
      return [];
    } catch (error) {
      this.#options.logger.warn({ err: error, records: quarantined.length }, 'consumer.quarantine_delayed');
      return quarantined;
    }
  }

  #quarantined(record: IncomingRecord, refusal: RefusedMessage): OutgoingRecord {
    const { service } = this.#options;
    return quarantineRecord(record, { ...refusal, detail: detailOf(refusal), consumer: service });
  }

  #reportAccepted(
    accepted: readonly IncomingMessage[],
    firstSeen: ReadonlySet<IncomingMessage>,
    durationS: number,
  ): void {
    for (const message of accepted) {
      const duplicate = !firstSeen.has(message);
      if (duplicate) message.span.setAttribute('tallystick.duplicate', true);
      message.span.end();
      const { definition, claims } = message.opened;
      const { topic } = message.record;
      const { type, version, iss: sender } = claims;
      countMessage(topic, type, duplicate ? 'duplicate' : 'handled');
      recordProcessed({ topic, type, version, sender }, durationS);
      this.#options.onAccepted?.(claims);
      if (definition.versions[claims.version]?.deprecated !== undefined)
        countDeprecated({ interface: claims.type, version: claims.version, by: claims.iss });
    }
  }

  #reportRefused(refused: readonly CheckedRecord[]): void {
    // One line for equal records of a batch: a flood must not fill the log.
    const lines = new Map<string, QuarantineLine>();
    for (const one of refused) {
      if (one.refusal === undefined) continue;
      const { record, refusal, handledType } = one;
      const { topic, partition, offset } = record;
      const { code, check } = refusal;
      recordRefusal(record, refusal);
      countMessage(topic, handledType ?? 'unknown', code);
      const isOurFault = isOurs(refusal);
      const name = `${topic} ${code} ${isOurFault}`;
      const line = lines.get(name) ?? { topic, code, check, isOurFault, offsets: [], records: 0 };
      line.records += 1;
      if (line.offsets.length < LOGGED_OFFSETS_MAX) {
        line.offsets.push(`${partition}:${offset}`);
        const paymentId = isOurFault ? claimedPaymentId(record.value) : undefined;
        if (paymentId !== undefined) line.paymentIds = [...(line.paymentIds ?? []), paymentId];
      }
      lines.set(name, line);
    }
    const { logger } = this.#options;
    for (const line of lines.values())
      logger[line.isOurFault ? 'error' : 'warn'](line, 'consumer.message_quarantined');
  }
}

/** Returns whether a record is quarantined for a fault of ours: the handler failed, or a service wrote it. */
function isOurs({ code, claimedIssuer }: RefusedMessage): boolean {
  return (
    code === 'message.handler_failed' ||
    (code !== 'envelope.expired' && (services as readonly (string | undefined)[]).includes(claimedIssuer))
  );
}

function byTopicPartition(a: PartitionChunk, b: PartitionChunk): number {
  const [left, right] = [topicPartition(a.topic, a.partition), topicPartition(b.topic, b.partition)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** @returns the offset after the last record */
function endOf(checked: readonly CheckedRecord[]): bigint {
  return checked.at(-1)!.record.offset + 1n;
}

function lateMessages(refused: readonly CheckedRecord[]): IncomingMessage[] {
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

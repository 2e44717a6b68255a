import { setTimeout as delay } from 'node:timers/promises';
import { outcomesOf, topics, type TopicName } from '@tallystick/contracts';
import { createKafka, Publisher, type Kafka } from '@tallystick/messaging';
import { kafkaOf, THIRD_PARTY, until, type StackFile } from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';
import type { LoadFlags } from './command.ts';
import { HttpSender } from './orders/http-sender.ts';
import { KafkaSender } from './orders/kafka-sender.ts';
import { OrderBook } from './orders/order-book.ts';
import { OrderFactory } from './orders/order-factory.ts';
import { readOutcomes } from './orders/outcome-reader.ts';
import { fixedRate } from './orders/schedule.ts';
import { SignedOrders, type ReadyOrder } from './orders/signed-orders.ts';
import { Tally } from './phase-tally.ts';
import { growthPerSecond } from './search.ts';
import type { Parties } from './setup/accounts.ts';
import type { People } from './setup/people.ts';

const COMMANDS = 'payment.commands.v1' satisfies TopicName;
const OUTCOMES = outcomesOf(THIRD_PARTY);
/** Longest wait for the outcomes of sent orders. */
const DRAIN_TIMEOUT_MS = 60_000;
const WATCH_INTERVAL_MS = 100;

/** The result of one phase of load. */
export interface PhaseResult {
  ratePerSecond: number;
  seconds: number;
  sent: number;
  tally: Tally;
  /** Orders without an outcome yet, at the end of the schedule and at most. */
  lagAtEnd: number;
  lagMax: number;
  /** Growth of that number in the second half of the schedule. */
  lagGrowthPerSecond: number;
  /** Orders that were late because signing was too slow, which is the generator's fault. */
  lateBySigning: number;
}

/** The progress of a running phase. */
export interface PhaseView {
  elapsedMs: number;
  due: number;
  sent: number;
  lag: number;
  tally: Tally;
}

/** Sends orders on schedule and tracks their outcomes. */
export class Generator {
  readonly kafka: Kafka;
  readonly book = new OrderBook();
  readonly #orders: SignedOrders;
  readonly #publisher: Publisher;
  readonly #reader: { stop(): Promise<void> };
  readonly #overKafka: KafkaSender;
  readonly #overHttp: HttpSender;
  #fault: unknown;

  private constructor(parts: {
    kafka: Kafka;
    book: OrderBook;
    orders: SignedOrders;
    publisher: Publisher;
    reader: { stop(): Promise<void> };
    people: People;
  }) {
    this.kafka = parts.kafka;
    this.book = parts.book;
    this.#orders = parts.orders;
    this.#publisher = parts.publisher;
    this.#reader = parts.reader;
    const onFault = (error: unknown): void => void (this.#fault ??= error);
    this.#overKafka = new KafkaSender(parts.publisher, onFault);
    this.#overHttp = new HttpSender(parts.people, parts.book, onFault);
  }

  static async start(
    stack: StackFile,
    people: People,
    parties: Parties,
    flags: LoadFlags,
  ): Promise<Generator> {
    const logger = createLogger({ service: 'load', level: 'error', confidentialFields: [] });
    const kafka = createKafka({ ...kafkaOf(stack), clientId: 'load', logger });
    const topicPrefix = stack.kafka.topicPrefix ?? '';
    const producer = stack.producers.find(({ id }) => id === THIRD_PARTY);
    if (producer === undefined) throw new Error(`the stack file names no producer ${THIRD_PARTY}`);
    const book = new OrderBook();
    const [publisher, reader] = await Promise.all([
      Publisher.connect(kafka),
      readOutcomes(kafka, topicPrefix + OUTCOMES, (outcome) => book.hear(outcome)),
    ]);
    const orders = new SignedOrders(new OrderFactory(parties, flags), {
      producerId: producer.id,
      privateJwkFile: producer.privateJwk,
      topic: topicPrefix + COMMANDS,
      batch: flags.signatures === 'all',
    });
    return new Generator({ kafka, book, orders, publisher, reader, people });
  }

  /** Signs the orders of a phase before it begins, so that signing takes no processor time from the system. */
  prepare({ ratePerSecond, seconds }: { ratePerSecond: number; seconds: number }): Promise<void> {
    return this.#orders.prepare(fixedRate(ratePerSecond, seconds).total);
  }

  /** Runs one phase, and waits for a limited time until all its orders have ended. */
  async run(
    load: { ratePerSecond: number; seconds: number },
    watch: (view: PhaseView) => void,
  ): Promise<PhaseResult> {
    const { ratePerSecond, seconds } = load;
    const schedule = fixedRate(ratePerSecond, seconds);
    await this.#orders.prepare(schedule.total);
    const startMs = performance.now();
    const tally = new Tally(startMs);
    const view = { elapsedMs: 0, due: 0, sent: 0, lag: 0, tally };
    const lags: { atMs: number; value: number }[] = [];
    let lagMax = 0;
    let lateBySigning = 0;
    let watchedMs = startMs;
    while (view.sent < schedule.total) {
      if (this.#fault !== undefined) throw this.#fault;
      const nowMs = performance.now();
      view.elapsedMs = nowMs - startMs;
      view.due = schedule.dueBy(view.elapsedMs);
      const ready = this.#orders.take(view.due - view.sent);
      lateBySigning += view.due - view.sent - ready.length;
      for (const one of ready) {
        this.#send(one, startMs + schedule.dueAtMs(view.sent), tally);
        view.sent += 1;
      }
      view.lag = view.due - tally.finishedCount - tally.failedCount;
      lagMax = Math.max(lagMax, view.lag);
      if (nowMs - watchedMs > WATCH_INTERVAL_MS) {
        watchedMs = nowMs;
        if (view.elapsedMs > seconds * 500) lags.push({ atMs: view.elapsedMs, value: view.lag });
        watch(view);
      }
      await delay(Math.max(1, startMs + schedule.dueAtMs(view.sent) - performance.now()));
    }
    const lagAtEnd = schedule.total - tally.finishedCount - tally.failedCount;
    await this.#drain(view, startMs, watch);
    const lagGrowthPerSecond = growthPerSecond(lags);
    return {
      ratePerSecond,
      seconds,
      sent: view.sent,
      tally,
      lagAtEnd,
      lagMax,
      lagGrowthPerSecond,
      lateBySigning,
    };
  }

  async stop(): Promise<void> {
    this.#overHttp.stop();
    await Promise.all([this.#orders.stop(), this.#publisher.disconnect(), this.#reader.stop()]);
  }

  async #drain(view: PhaseView, startMs: number, watch: (view: PhaseView) => void): Promise<void> {
    await until(
      () => {
        if (this.#fault !== undefined) throw this.#fault;
        view.elapsedMs = performance.now() - startMs;
        view.lag = this.book.outstanding;
        watch(view);
        return view.lag === 0;
      },
      DRAIN_TIMEOUT_MS,
      20,
    );
  }

  #send({ order, paymentId, signed }: ReadyOrder, dueAtMs: number, phase: Tally): void {
    const placed = { ...order, dueAtMs, phase, paymentId, status: 'placed' as const, captureIt: undefined };
    if (signed === undefined) {
      this.book.place(placed);
      this.#overHttp.send(placed);
      return;
    }
    const { create, capture } = signed;
    this.book.place({
      ...placed,
      captureIt: capture === undefined ? undefined : () => this.#overKafka.send(capture),
    });
    this.#overKafka.send(create);
  }
}

/** Returns the full name of every topic of the stack. */
export function topicNames(stack: StackFile): string[] {
  return (Object.keys(topics) as TopicName[]).map((name) => (stack.kafka.topicPrefix ?? '') + name);
}

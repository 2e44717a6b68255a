import { setTimeout as delay } from 'node:timers/promises';
import { newId, outcomesOf } from '@tallystick/contracts';
import {
  OrderBook,
  OrderFactory,
  signPeopleIn,
  type Order,
  type Parties,
  type People,
  type PlacedOrder,
} from '@tallystick/load';
import { Publisher, type Kafka } from '@tallystick/messaging';
import { importSigningKey, loadPrivateJwk } from '@tallystick/security';
import { THIRD_PARTY, type StackFile } from '@tallystick/stack';
import type { Random } from '../random.ts';
import { HttpOrders } from './http-orders.ts';
import { KafkaOrders } from './kafka-orders.ts';
import { OutcomeReader } from './outcomes.ts';

const TOKEN_REFRESH_MS = 240_000;
const SIGN_IN_AGAIN_MS = 2_000;
/** The load tool measures latencies; here only outcomes count. */
const noPhase = { finished: () => {}, failed: () => {} };

/** A modest load that does not wait for the system: orders are due at a fixed rate, independent of their outcomes. */
export class Payments {
  readonly http: HttpOrders;
  readonly #book: OrderBook;
  readonly #kafkaOrders: KafkaOrders;
  readonly #factory: OrderFactory;
  readonly #random: Random;
  readonly #reader: OutcomeReader;
  readonly #publisher: Publisher;
  readonly #people: People;
  readonly #stack: StackFile;
  #running: Promise<void> | undefined;
  #stopped = new AbortController();

  private constructor(parts: {
    book: OrderBook;
    factory: OrderFactory;
    kafkaOrders: KafkaOrders;
    http: HttpOrders;
    reader: OutcomeReader;
    publisher: Publisher;
    people: People;
    stack: StackFile;
    random: Random;
  }) {
    this.#book = parts.book;
    this.#factory = parts.factory;
    this.#kafkaOrders = parts.kafkaOrders;
    this.http = parts.http;
    this.#reader = parts.reader;
    this.#publisher = parts.publisher;
    this.#people = parts.people;
    this.#stack = parts.stack;
    this.#random = parts.random;
  }

  static async prepare(options: {
    stack: StackFile;
    kafka: Kafka;
    people: People;
    parties: Parties;
    book: OrderBook;
    random: Random;
  }): Promise<Payments> {
    const { stack, kafka, people, parties, book, random } = options;
    const producer = stack.producers.find(({ id }) => id === THIRD_PARTY);
    if (producer === undefined) throw new Error(`the stack file names no producer ${THIRD_PARTY}`);
    const prefix = stack.kafka.topicPrefix ?? '';
    const reader = new OutcomeReader(kafka, prefix + outcomesOf(producer.id), (outcome) =>
      book.hear(outcome),
    );
    const [publisher, signingKey] = await Promise.all([
      Publisher.connect(kafka),
      loadPrivateJwk(producer.privateJwk).then(importSigningKey),
      reader.start(),
    ]);
    const topic = `${prefix}payment.commands.v1`;
    return new Payments({
      book,
      factory: new OrderFactory(parties, { mix: 'mixed', via: 'kafka', hot: 0.2 }, random.fork().next),
      kafkaOrders: new KafkaOrders(publisher, { id: producer.id, signingKey, topic }, random.fork()),
      http: new HttpOrders(people, book, random.fork()),
      reader,
      publisher,
      people,
      stack,
      random: random.fork(),
    });
  }

  /** Starts to place orders. */
  start(ratePerSecond: number): void {
    this.#running = Promise.all([this.#order(ratePerSecond), this.#staySignedIn()]).then(() => {});
  }

  /** Stops placing orders; those that were placed continue. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Whether every order was confirmed by the broker or answered, and has its outcome. */
  get isQuiet(): boolean {
    return this.#kafkaOrders.isIdle && this.http.isIdle && this.#book.outstanding === 0;
  }

  async close(): Promise<void> {
    this.http.giveUp();
    await Promise.all([this.#reader.stop(), this.#publisher.disconnect()]);
  }

  /** Places another order over HTTP, with several requests at once under one idempotency key. */
  orderSeveralTimes(times: number): { endToEndId: string; answers: Promise<string[]> } {
    const placed = this.#placed(this.#factory.next(), 'http');
    return { endToEndId: placed.endToEndId, answers: this.http.orderSeveralTimes(placed, times) };
  }

  /** Places another order over HTTP, whose first responses the caller examines. */
  newHttpOrder(): { ask(): Promise<unknown>; leave(): void } {
    return this.http.begin(this.#placed(this.#factory.next(), 'http'));
  }

  async #order(ratePerSecond: number): Promise<void> {
    const startMs = performance.now();
    for (let made = 0; !this.#stopped.signal.aborted; made += 1) {
      await this.#pause(startMs + (made * 1_000) / ratePerSecond - performance.now());
      this.#place();
    }
  }

  #place(): void {
    const order = this.#factory.next();
    // Half of the account payments use HTTP, so that both interfaces are tested.
    const via = order.source.kind === 'card' || this.#random.chance(0.5) ? 'http' : 'kafka';
    const paymentId = via === 'kafka' ? newId('pay') : undefined;
    const placed = this.#placed(order, via, paymentId);
    void (via === 'kafka' ? this.#kafkaOrders.order(placed, paymentId!) : this.http.order(placed));
  }

  /** Adds an order to the book, in which it is checked at the end. */
  #placed(order: Order, via: Order['via'], paymentId?: string): PlacedOrder {
    const placed: PlacedOrder = {
      ...order,
      via,
      dueAtMs: performance.now(),
      phase: noPhase,
      paymentId,
      status: 'placed',
      captureIt: undefined,
    };
    if (order.capture === 'manual')
      placed.captureIt = () =>
        void (via === 'kafka' ? this.#kafkaOrders.capture(placed) : this.http.capture(placed));
    this.#book.place(placed);
    return placed;
  }

  /**
   * Signs everybody in again from time to time, since access tokens live for ten minutes. Auth may be unavailable at
   * that time, and a refresh whose response is lost has used up the refresh token.
   */
  async #staySignedIn(): Promise<void> {
    for (;;) {
      await this.#pause(TOKEN_REFRESH_MS);
      while (!this.#stopped.signal.aborted && !(await this.#signedInAnew()))
        await this.#pause(SIGN_IN_AGAIN_MS);
      if (this.#stopped.signal.aborted) return;
    }
  }

  async #signedInAnew(): Promise<boolean> {
    try {
      Object.assign(this.#people, await signPeopleIn(this.#stack));
      return true;
    } catch {
      // Auth is unavailable: a fault of this run.
      return false;
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms <= 0) return;
    // The end of the run ends each pause.
    await delay(ms, undefined, { signal: this.#stopped.signal }).catch(() => {});
  }
}

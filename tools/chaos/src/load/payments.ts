import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@tallystick/contracts';
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
/** Latencies are the load tool's business; here only ends count. */
const noPhase = { finished: () => {}, failed: () => {} };

/** A modest load that does not wait for the system: orders are due at a fixed rate, whatever becomes of them. */
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
    const reader = new OutcomeReader(kafka, `${prefix}payment.events.v1`, (outcome) => book.hear(outcome));
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

  /** Begins to order. */
  start(ratePerSecond: number): void {
    this.#running = Promise.all([this.#order(ratePerSecond), this.#staySignedIn()]).then(() => {});
  }

  /** No more orders; those that were placed go on. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Whether every order was taken by the broker or answered, and has its outcome. */
  get isQuiet(): boolean {
    return this.#kafkaOrders.isIdle && this.http.isIdle && this.#book.outstanding === 0;
  }

  async close(): Promise<void> {
    this.http.giveUp();
    await Promise.all([this.#reader.stop(), this.#publisher.disconnect()]);
  }

  /** One order more over HTTP, asked for several times at once under one idempotency key. */
  orderSeveralTimes(times: number): { endToEndId: string; answers: Promise<string[]> } {
    const placed = this.#placed(this.#factory.next(), 'http');
    return { endToEndId: placed.endToEndId, answers: this.http.orderSeveralTimes(placed, times) };
  }

  /** One order more over HTTP, whose first answers somebody else looks at. */
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
    // Half of the account payments come over HTTP: each door has to hold.
    const via = order.source.kind === 'card' || this.#random.chance(0.5) ? 'http' : 'kafka';
    const paymentId = via === 'kafka' ? newId('pay') : undefined;
    const placed = this.#placed(order, via, paymentId);
    void (via === 'kafka' ? this.#kafkaOrders.order(placed, paymentId!) : this.http.order(placed));
  }

  /** Takes an order into the book, like which it will be looked at in the end. */
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
   * Access tokens live for ten minutes, and auth may be away just then. A refresh whose answer is lost has used the
   * refresh token up, so everybody signs in anew.
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
      // Auth is away: a fault of this run.
      return false;
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms <= 0) return;
    // The end of the run ends each pause.
    await delay(ms, undefined, { signal: this.#stopped.signal }).catch(() => {});
  }
}

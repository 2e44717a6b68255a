import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { newId } from '@tallystick/contracts';
import { until } from '@tallystick/stack';
import { CURRENCY } from '../setup/accounts.ts';
import type { Order } from './order.ts';
import type { OrderFactory } from './order-factory.ts';
import type { Signed, SignWorkerData, ToSign } from './sign-worker.ts';

/** Most signed orders in store: some 2 kB each. */
const READY_MAX = 150_000;
const CHUNK = 250;
const SIGNED_WITHIN_MS = 120_000;

/** An order ready to send. It is signed if it goes over Kafka; over HTTP a proof is too short-lived to be prepared. */
export interface ReadyOrder {
  order: Order;
  paymentId: string | undefined;
  signed: Signed | undefined;
}

/** A bounded store of orders, which a separate thread signs in advance. */
export class SignedOrders {
  readonly #factory: OrderFactory;
  readonly #worker: Worker;
  readonly #atWorker: Omit<ReadyOrder, 'signed'>[][] = [];
  #ready: ReadyOrder[] = [];
  /** Index of the first order that was not taken; earlier ones are removed together. */
  #next = 0;
  /** Requested orders that do not exist yet. */
  #wanted = 0;
  /** The number of orders in the last call of `prepare`. */
  #prepared = 0;
  #fault: Error | undefined;

  constructor(factory: OrderFactory, workerData: SignWorkerData) {
    this.#factory = factory;
    this.#worker = new Worker(new URL('./sign-worker.ts', import.meta.url), { workerData });
    this.#worker.on('message', (signed: Signed[]) => this.#take(signed));
    this.#worker.on('error', (error: Error) => (this.#fault = error));
  }

  /** Prepares orders for a phase; resolves when they are ready, or as many as the store holds. */
  async prepare(count: number): Promise<void> {
    if (this.#prepared === count && this.#readyCount() === Math.min(count, READY_MAX)) return;
    this.#prepared = count;
    this.#ready = [];
    this.#next = 0;
    this.#wanted = count;
    this.#refill();
    const ready = Math.min(count, READY_MAX);
    const signed = await until(() => this.#checked().#readyCount() >= ready, SIGNED_WITHIN_MS, 20);
    if (!signed) throw new Error(`only ${this.#readyCount()} of ${ready} orders were signed in time`);
  }

  /** Takes up to `count` orders; fewer if signing is too slow. */
  take(count: number): ReadyOrder[] {
    const taken = this.#checked().#ready.slice(this.#next, this.#next + count);
    this.#next += taken.length;
    if (this.#next > READY_MAX / 4) {
      this.#ready = this.#ready.slice(this.#next);
      this.#next = 0;
    }
    this.#refill();
    return taken;
  }

  async stop(): Promise<void> {
    const ended = once(this.#worker, 'exit');
    await this.#worker.terminate();
    await ended;
  }

  #readyCount(): number {
    return this.#ready.length - this.#next;
  }

  #checked(): this {
    if (this.#fault !== undefined) throw this.#fault;
    return this;
  }

  #refill(): void {
    while (this.#wanted > 0 && this.#readyCount() + this.#atWorker.length * CHUNK < READY_MAX) {
      const orders = Array.from({ length: Math.min(CHUNK, this.#wanted) }, () => this.#factory.next());
      this.#wanted -= orders.length;
      const overKafka = orders.filter(({ via }) => via === 'kafka').map(named);
      this.#ready.push(
        ...orders
          .filter(({ via }) => via === 'http')
          .map((order) => ({ order, paymentId: undefined, signed: undefined })),
      );
      if (overKafka.length === 0) continue;
      this.#atWorker.push(overKafka);
      this.#worker.postMessage(overKafka.map(toSign), []);
    }
  }

  /** Stores signed orders; the worker responds in the order of requests. */
  #take(signed: Signed[]): void {
    const orders = this.#atWorker.shift()!;
    this.#ready.push(...orders.map((order, at) => ({ ...order, signed: signed[at]! })));
    this.#refill();
  }
}

function named(order: Order): { order: Order; paymentId: string } {
  return { order, paymentId: newId('pay') };
}

function toSign({ order, paymentId }: { order: Order; paymentId: string }): ToSign {
  const { source, payeeAccountId, amountMinor, capture, endToEndId } = order;
  return {
    create: {
      paymentId,
      source,
      payee: { kind: 'account', accountId: payeeAccountId },
      amountMinor,
      currency: CURRENCY,
      capture,
      capturedBy: 'initiator',
      endToEndId,
    },
    capture:
      capture === 'manual' ? { paymentId, captureId: newId('cap'), amountMinor, final: true } : undefined,
  };
}

import { operations } from '@tallystick/contracts';
import { ProblemError } from '@tallystick/demo';
import { CURRENCY } from '../setup/accounts.ts';
import type { People, SignedIn } from '../setup/people.ts';
import type { OrderBook } from './order-book.ts';
import type { PlacedOrder } from './order.ts';

/** Requests on their way at once; what is due beyond waits, and the wait counts as latency. */
const AT_ONCE_MAX = 64;
const REFRESH_INTERVAL_MS = 240_000;

/** Orders payments over HTTP as a customer's client does, each request with a proof of its own. */
export class HttpSender {
  readonly #people: People;
  readonly #book: OrderBook;
  readonly #onFault: (error: unknown) => void;
  readonly #queue: (() => Promise<void>)[] = [];
  readonly #refreshTimer: NodeJS.Timeout;
  #running = 0;

  constructor(people: People, book: OrderBook, onFault: (error: unknown) => void) {
    this.#people = people;
    this.#book = book;
    this.#onFault = onFault;
    const refresh = (who: SignedIn): void => void who.refresh().catch(onFault);
    this.#refreshTimer = setInterval(() => {
      refresh(people.payer);
      refresh(people.merchant);
    }, REFRESH_INTERVAL_MS);
  }

  /** Orders a payment; its second phase follows once it is authorized. */
  send(order: PlacedOrder): void {
    this.#enqueue(order, async () => {
      const { source, payeeAccountId, amountMinor, capture, endToEndId } = order;
      const { body } = await this.#people.payer.client.call(operations.createPayment, {
        body: {
          source,
          payee: { kind: 'account', accountId: payeeAccountId },
          amountMinor,
          currency: CURRENCY,
          capture,
          endToEndId,
        },
      });
      if (capture === 'manual') order.captureIt = () => this.#capture(order, body.paymentId);
      this.#book.identify(order, body.paymentId);
    });
  }

  stop(): void {
    clearInterval(this.#refreshTimer);
  }

  /** The payee collects. */
  #capture(order: PlacedOrder, paymentId: string): void {
    this.#enqueue(order, async () => {
      await this.#people.merchant.client.call(operations.capturePayment, {
        params: { paymentId },
        body: { amountMinor: order.amountMinor, final: true },
      });
    });
  }

  #enqueue(order: PlacedOrder, ask: () => Promise<void>): void {
    this.#queue.push(async () => {
      try {
        await ask();
      } catch (error) {
        if (error instanceof ProblemError) this.#book.refuse(order, error.code);
        else this.#onFault(error);
      }
    });
    if (this.#running < AT_ONCE_MAX) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await next();
    this.#running -= 1;
  }
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { operations } from '@tallystick/contracts';
import { ProblemError } from '@tallystick/client';
import { CURRENCY, type OrderBook, type People, type PlacedOrder } from '@tallystick/load';
import pLimit from 'p-limit';
import type { Random } from '../random.ts';

/** Longest wait of a client for a response; a paused service does not respond. */
const ANSWER_WITHIN_MS = 8_000;
/**
 * Most requests under way. The others wait for their turn: after an outage, thousands at once would take the time of this
 * process, which also passes on the connections of the services.
 */
const UNDER_WAY_MAX = 128;
/** The pause between attempts doubles: thousands of clients with two requests per second would be another fault. */
const AGAIN_AFTER_MS = { first: 500, most: 8_000 };
/** Probability that a client repeats an answered request under the same key. */
const AGAIN = 0.2;
/** Longest list of payments in one response. */
const LISTED_MAX = 200;
/** These statuses do not mean that the order itself is wrong: the same request may succeed later. */
const LATER = new Set([401, 429, 500, 502, 503, 504]);

/** Orders of a customer over HTTP: each request is repeated under its idempotency key until it is answered. */
export class HttpOrders {
  /** Responses that differ from the first response under the same key. */
  readonly contradictions: string[] = [];
  /** Refusals that the order does not explain. */
  readonly refusals: string[] = [];
  /**
   * Whether a restore may have lost responses and their idempotency keys: a used end-to-end id then identifies the
   * payment.
   */
  answersMayBeLost = false;
  readonly #people: People;
  readonly #book: OrderBook;
  readonly #random: Random;
  readonly #limit = pLimit(UNDER_WAY_MAX);
  #running = 0;
  #givesUp = false;

  constructor(people: People, book: OrderBook, random: Random) {
    this.#people = people;
    this.#book = book;
    this.#random = random;
  }

  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Stops repeating requests, at the end of the run. */
  giveUp(): void {
    this.#givesUp = true;
  }

  async order(order: PlacedOrder): Promise<void> {
    const ask = this.#asking(order);
    const paymentId = await this.#untilIdentified(order, ask);
    if (paymentId === undefined || !this.#random.chance(AGAIN)) return;
    const again = await this.#untilAnswered(ask, (code) =>
      this.contradictions.push(`${paymentId}, then ${code}`),
    );
    if (again !== undefined && again !== paymentId) this.contradictions.push(`${paymentId}, then ${again}`);
  }

  /**
   * Orders like an impatient customer: several identical requests at once, each repeated until it is answered.
   * @returns the distinct answers: ids of payments, and codes of refusals
   */
  async orderSeveralTimes(order: PlacedOrder, times: number): Promise<string[]> {
    const ask = this.#asking(order);
    const ids = new Set<string>();
    const codes = new Set<string>();
    await Promise.all(
      Array.from({ length: times }, async () => {
        const id = await this.#untilAnswered(ask, (code) => codes.add(code));
        if (id === undefined) return;
        if (ids.size === 0) this.#found(order, id);
        ids.add(id);
      }),
    );
    const answers = [...ids, ...codes];
    if (answers.length > 1) this.contradictions.push(answers.join(', then '));
    if (ids.size === 0 && answers[0] !== undefined) this.#book.refuse(order, answers[0]);
    return answers;
  }

  /** Places an order whose first responses the caller examines. */
  begin(order: PlacedOrder): { ask(): Promise<unknown>; leave(): void } {
    const ask = this.#asking(order);
    return { ask: () => ask(patience()), leave: () => void this.#untilIdentified(order, ask) };
  }

  /** Returns a request to pay, which stays the same if it is repeated. */
  #asking(order: PlacedOrder): Ask<string> {
    const { source, payeeAccountId, amountMinor, capture, endToEndId } = order;
    const idempotencyKey = randomUUID();
    const payee = { kind: 'account', accountId: payeeAccountId } as const;
    const terms = { capture, capturedBy: 'payee', endToEndId } as const;
    const body = { source, payee, amountMinor, currency: CURRENCY, ...terms };
    return async (signal) => {
      const call = { body, idempotencyKey, signal };
      try {
        return (await this.#people.payer.client.call(operations.createPayment, call)).body.paymentId;
      } catch (error) {
        const isTaken = error instanceof ProblemError && error.code === 'payment.end_to_end_id_reused';
        if (!isTaken || !this.answersMayBeLost) throw error;
        return this.#find(endToEndId, signal);
      }
    };
  }

  /** Finds the payment with a customer's own id. */
  async #find(endToEndId: string, signal: AbortSignal): Promise<string> {
    const { body } = await this.#people.payer.client.call(operations.listPayments, {
      query: { limit: LISTED_MAX },
      signal,
    });
    const found = body.payments.find((payment) => payment.endToEndId === endToEndId);
    if (found === undefined) throw new Error(`none of the latest payments has the id ${endToEndId}`);
    return found.paymentId;
  }

  /** Records the payment of an order, and follows it to its end. */
  #found(order: PlacedOrder, paymentId: string): void {
    this.#book.identify(order, paymentId);
    void this.#follow(order, paymentId);
  }

  async #follow(order: PlacedOrder, paymentId: string): Promise<void> {
    this.#running += 1;
    try {
      for (let attempt = 0; !this.#givesUp; attempt += 1) {
        const payment = await this.#untilAnswered(
          async (signal) =>
            (await this.#people.payer.client.call(operations.getPayment, { params: { paymentId }, signal }))
              .body,
          (code) => this.answersMayBeLost || this.refusals.push(`look at ${paymentId}: ${code}`),
        );
        if (payment === undefined && !this.answersMayBeLost) return;
        const { status = 'requested', code } = payment ?? {};
        if (status !== 'requested')
          this.#book.hear({ paymentId, type: `payment.${status}`, code, atMs: performance.now() });
        if (order.status !== 'placed' && order.status !== 'authorized') return;
        await delay(this.#againAfterMs(attempt));
      }
    } finally {
      this.#running -= 1;
    }
  }

  async #untilIdentified(order: PlacedOrder, ask: Ask<string>): Promise<string | undefined> {
    const paymentId = await this.#untilAnswered(ask, (code) => this.#book.refuse(order, code));
    if (paymentId !== undefined) this.#found(order, paymentId);
    return paymentId;
  }

  async capture({ paymentId, amountMinor }: PlacedOrder): Promise<void> {
    const idempotencyKey = randomUUID();
    const ask: Ask<unknown> = (signal) =>
      this.#people.merchant.client.call(operations.capturePayment, {
        params: { paymentId: paymentId! },
        body: { amountMinor, final: true },
        idempotencyKey,
        signal,
      });
    await this.#untilAnswered(ask, (code) => this.refusals.push(`capture of ${paymentId}: ${code}`));
  }

  async #untilAnswered<Result>(
    ask: Ask<Result>,
    refused: (code: string) => void,
  ): Promise<Result | undefined> {
    this.#running += 1;
    try {
      for (let attempt = 0; !this.#givesUp; attempt += 1) {
        try {
          return await this.#limit(() => ask(patience()));
        } catch (error) {
          if (
            error instanceof ProblemError &&
            !LATER.has(error.status) &&
            error.code !== 'idempotency.in_progress'
          ) {
            refused(error.code);
            return undefined;
          }
          // Any other error is an intended outage of this run: the client repeats the request under the same key.
          await delay(this.#againAfterMs(attempt));
        }
      }
      return undefined;
    } finally {
      this.#running -= 1;
    }
  }

  /** Spreads the attempts, so that clients that failed together do not return together. */
  #againAfterMs(attempt: number): number {
    const { first, most } = AGAIN_AFTER_MS;
    return Math.min(most, first * 2 ** attempt) * (0.5 + this.#random.next() / 2);
  }
}

/** Sends a request. The signal ends it: a request that nobody waits for any more would take a place of another. */
type Ask<Result> = (signal: AbortSignal) => Promise<Result>;

function patience(): AbortSignal {
  return AbortSignal.timeout(ANSWER_WITHIN_MS);
}

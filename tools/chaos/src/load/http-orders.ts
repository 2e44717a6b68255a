import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { operations } from '@tallystick/contracts';
import { ProblemError } from '@tallystick/demo';
import { CURRENCY, type OrderBook, type People, type PlacedOrder } from '@tallystick/load';
import type { Random } from '../random.ts';

/** A client's patience; a paused service answers nobody. */
const ANSWER_WITHIN_MS = 8_000;
/** It asks again later and later: thousands who ask twice a second would be a fault of their own. */
const AGAIN_AFTER_MS = { first: 500, most: 8_000 };
/** How often a client asks again under the same key although it has its answer. */
const AGAIN = 0.2;
/** Most that one list of payments shows. */
const LISTED_MAX = '200';
/** Nobody is told by these that the order itself is wrong: the same request later may do. */
const LATER = new Set([401, 429, 500, 502, 503, 504]);

/** Orders of a customer over HTTP: each request is repeated under its idempotency key until it is answered. */
export class HttpOrders {
  /** Answers that say another thing than the first one under the same key did. */
  readonly contradictions: string[] = [];
  /** Refusals that nothing in the order explains. */
  readonly refusals: string[] = [];
  /** Whether a restore may have taken answers and their idempotency keys: a taken end-to-end id then finds the payment. */
  answersMayBeLost = false;
  readonly #people: People;
  readonly #book: OrderBook;
  readonly #random: Random;
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

  /** Ends the repeating: the run is over. */
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
   * Orders as a customer does who cannot wait: the same request several times at once, each until it is answered.
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
        if (ids.size === 0) this.#book.identify(order, id);
        ids.add(id);
      }),
    );
    const answers = [...ids, ...codes];
    if (answers.length > 1) this.contradictions.push(answers.join(', then '));
    if (ids.size === 0 && answers[0] !== undefined) this.#book.refuse(order, answers[0]);
    return answers;
  }

  /** An order whose first answers somebody else looks at. */
  begin(order: PlacedOrder): { ask(): Promise<unknown>; leave(): void } {
    const ask = this.#asking(order);
    return { ask, leave: () => void this.#untilIdentified(order, ask) };
  }

  /** A request to pay, the same however often it is sent. */
  #asking(order: PlacedOrder): () => Promise<string> {
    const { source, payeeAccountId, amountMinor, capture, endToEndId } = order;
    const idempotencyKey = randomUUID();
    const payee = { kind: 'account', accountId: payeeAccountId } as const;
    const body = { source, payee, amountMinor, currency: CURRENCY, capture, endToEndId };
    return async () => {
      try {
        return (await this.#people.payer.client.call(operations.createPayment, { body, idempotencyKey })).body
          .paymentId;
      } catch (error) {
        const isTaken = error instanceof ProblemError && error.code === 'payment.end_to_end_id_reused';
        if (!isTaken || !this.answersMayBeLost) throw error;
        return this.#find(endToEndId);
      }
    };
  }

  /** The payment that a customer's own id stands for. */
  async #find(endToEndId: string): Promise<string> {
    const { body } = await this.#people.payer.client.call(operations.listPayments, {
      query: { limit: LISTED_MAX },
    });
    const found = body.payments.find((payment) => payment.endToEndId === endToEndId);
    if (found === undefined) throw new Error(`none of the latest payments has the id ${endToEndId}`);
    return found.paymentId;
  }

  async #untilIdentified(order: PlacedOrder, ask: () => Promise<string>): Promise<string | undefined> {
    const paymentId = await this.#untilAnswered(ask, (code) => this.#book.refuse(order, code));
    if (paymentId !== undefined) this.#book.identify(order, paymentId);
    return paymentId;
  }

  async capture({ paymentId, amountMinor }: PlacedOrder): Promise<void> {
    const idempotencyKey = randomUUID();
    const ask = (): Promise<unknown> =>
      this.#people.merchant.client.call(operations.capturePayment, {
        params: { paymentId: paymentId! },
        body: { amountMinor, final: true },
        idempotencyKey,
      });
    await this.#untilAnswered(ask, (code) => this.refusals.push(`capture of ${paymentId}: ${code}`));
  }

  async #untilAnswered<Result>(
    ask: () => Promise<Result>,
    refused: (code: string) => void,
  ): Promise<Result | undefined> {
    this.#running += 1;
    try {
      for (let attempt = 0; !this.#givesUp; attempt += 1) {
        try {
          return await withinPatience(ask());
        } catch (error) {
          if (
            error instanceof ProblemError &&
            !LATER.has(error.status) &&
            error.code !== 'idempotency.in_progress'
          ) {
            refused(error.code);
            return undefined;
          }
          // Anything else is the outage that this run makes: the client asks again under the same key.
          await delay(this.#againAfterMs(attempt));
        }
      }
      return undefined;
    } finally {
      this.#running -= 1;
    }
  }

  /** Spread out, so that those who failed together do not come again together. */
  #againAfterMs(attempt: number): number {
    const { first, most } = AGAIN_AFTER_MS;
    return Math.min(most, first * 2 ** attempt) * (0.5 + this.#random.next() / 2);
  }
}

async function withinPatience<Result>(answer: Promise<Result>): Promise<Result> {
  const late = new AbortController();
  try {
    return await Promise.race([
      answer,
      delay(ANSWER_WITHIN_MS, undefined, { signal: late.signal }).then(() => {
        throw new Error(`no answer within ${ANSWER_WITHIN_MS} ms`);
      }),
    ]);
  } finally {
    late.abort();
    // Should it come after all, nobody waits for it any more.
    answer.catch(() => {});
  }
}

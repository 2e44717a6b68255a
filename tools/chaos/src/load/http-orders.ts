import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { operations } from '@tallystick/contracts';
import { ProblemError } from '@tallystick/demo';
import { CURRENCY, type OrderBook, type People, type PlacedOrder } from '@tallystick/load';
import type { Random } from '../random.ts';

/** A client's patience; a paused service answers nobody. */
const ANSWER_WITHIN_MS = 8_000;
const AGAIN_AFTER_MS = 500;
/** How often a client asks again under the same key although it has its answer. */
const AGAIN = 0.2;
/** Nobody is told by these that the order itself is wrong: the same request later may do. */
const LATER = new Set([401, 429, 500, 502, 503, 504]);

/** Orders of a customer over HTTP: each request is repeated under its idempotency key until it is answered. */
export class HttpOrders {
  /** Answers that say another thing than the first one under the same key did. */
  readonly contradictions: string[] = [];
  /** Refusals that nothing in the order explains. */
  readonly refusals: string[] = [];
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
    const { source, payeeAccountId, amountMinor, capture, endToEndId } = order;
    const idempotencyKey = randomUUID();
    const body = { source, payeeAccountId, amountMinor, currency: CURRENCY, capture, endToEndId };
    const ask = async (): Promise<string> =>
      (await this.#people.payer.client.call(operations.createPayment, { body, idempotencyKey })).body
        .paymentId;
    const paymentId = await this.#untilAnswered(ask, (code) => this.#book.refuse(order, code));
    if (paymentId === undefined) return;
    this.#book.identify(order, paymentId);
    if (!this.#random.chance(AGAIN)) return;
    const again = await this.#untilAnswered(ask, (code) =>
      this.contradictions.push(`${paymentId}, then ${code}`),
    );
    if (again !== undefined && again !== paymentId) this.contradictions.push(`${paymentId}, then ${again}`);
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
      while (!this.#givesUp) {
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
          await delay(AGAIN_AFTER_MS);
        }
      }
      return undefined;
    } finally {
      this.#running -= 1;
    }
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

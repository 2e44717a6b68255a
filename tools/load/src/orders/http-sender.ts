import { randomUUID } from 'node:crypto';
import { operationPath, operations, type OperationDefinition } from '@tallystick/contracts';
import { ProblemError } from '@tallystick/client';
import { makeProof } from '@tallystick/security';
import { CURRENCY } from '../setup/accounts.ts';
import type { People, SignedIn } from '../setup/people.ts';
import { KeptConnections } from './kept-connections.ts';
import type { OrderBook } from './order-book.ts';
import type { PlacedOrder } from './order.ts';

/** Concurrent requests; further due orders wait, and the wait counts as latency. */
const AT_ONCE_MAX = 256;
const REFRESH_INTERVAL_MS = 240_000;
/** How long a request waits for the outcome of its payment. */
const OUTCOME_WAIT_S = 10;
/** Pause before a payment is read again. Clients that read without a pause would be a load of their own. */
const READ_AGAIN_AFTER_MS = 1_000;

/** The part of a payment that tells its progress. */
interface PaymentAnswer {
  paymentId: string;
  status: string;
  code?: string | undefined;
}

/** Orders payments over HTTP like a customer's client, with a separate proof for each request. */
export class HttpSender {
  readonly #people: People;
  readonly #book: OrderBook;
  readonly #onFault: (error: unknown) => void;
  readonly #connections = new KeptConnections(AT_ONCE_MAX);
  readonly #queue: (() => Promise<void>)[] = [];
  readonly #refreshTimer: NodeJS.Timeout;
  #running = 0;
  #isStopped = false;

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

  /** Orders a payment and waits for its outcome; its second phase follows after the authorization. */
  send(order: PlacedOrder): void {
    this.#enqueue(order, async () => {
      const { source, payeeAccountId, amountMinor, capture, endToEndId } = order;
      const amount = Number(amountMinor);
      const payment = await this.#post(this.#people.payer, operations.createPayment, undefined, {
        source,
        payee: { kind: 'account', accountId: payeeAccountId },
        amountMinor: amount,
        currency: CURRENCY,
        capture,
        endToEndId,
      });
      if (capture === 'manual') order.captureIt = () => this.#capture(order, payment.paymentId);
      this.#book.identify(order, payment.paymentId);
      this.#hear(order, payment);
    });
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#refreshTimer);
    this.#connections.close();
  }

  /** Captures the payment as its payee. */
  #capture(order: PlacedOrder, paymentId: string): void {
    this.#enqueue(order, async () => {
      const body = { amountMinor: Number(order.amountMinor), final: true };
      this.#hear(
        order,
        await this.#post(this.#people.merchant, operations.capturePayment, { paymentId }, body),
      );
    });
  }

  /** Takes the state of a payment from an answer; reads it again later if it has no outcome yet. */
  #hear(order: PlacedOrder, { paymentId, status, code }: PaymentAnswer): void {
    const isOpen = status === 'requested' || (status === 'authorized' && order.status === 'authorized');
    if (isOpen) this.#readLater(order, paymentId);
    else this.#book.hear({ paymentId, type: `payment.${status}`, code, atMs: performance.now() });
  }

  /** Reads an accepted payment after a pause. A refused read says nothing about the payment. */
  #readLater(order: PlacedOrder, paymentId: string): void {
    const read = async (): Promise<void> => {
      try {
        const { client } = this.#people.payer;
        const { body } = await client.call(operations.getPayment, { params: { paymentId } });
        this.#hear(order, body);
      } catch (error) {
        if (!(error instanceof ProblemError && error.retry)) throw error;
        this.#readLater(order, paymentId);
      }
    };
    setTimeout(() => {
      if (!this.#isStopped) this.#run(read);
    }, READ_AGAIN_AFTER_MS);
  }

  /**
   * Sends a request and reads the payment from the response.
   * @param body in its JSON form
   * @returns the payment, with its outcome if it came in time
   * @throws ProblemError for any unsuccessful response
   */
  async #post(
    { client: { services, accessToken, dpopKey } }: SignedIn,
    operation: OperationDefinition,
    params: Record<string, string> | undefined,
    body: object,
  ): Promise<PaymentAnswer> {
    const url = services[operation.service]! + operationPath(operation, params);
    const text = JSON.stringify(body);
    const proof = await makeProof(dpopKey, {
      method: 'POST',
      url,
      accessToken,
      body: text,
      nowMs: Date.now(),
    });
    const headers = {
      Authorization: `DPoP ${accessToken}`,
      DPoP: proof,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
      Prefer: `wait=${OUTCOME_WAIT_S}`,
    };
    const answer = await this.#connections.post(url, headers, text);
    const json = JSON.parse(answer.text) as PaymentAnswer & { detail?: string };
    if (answer.status >= 300) throw new ProblemError(operation.id, answer.status, json);
    return json;
  }

  /** Sends a request of an order, which ends the order if it is refused. */
  #enqueue(order: PlacedOrder, ask: () => Promise<void>): void {
    this.#run(async () => {
      try {
        await ask();
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        this.#book.refuse(order, error.code);
      }
    });
  }

  /** Runs a request once fewer than {@link AT_ONCE_MAX} others run. */
  #run(ask: () => Promise<void>): void {
    this.#queue.push(() => ask().catch(this.#onFault));
    if (this.#running < AT_ONCE_MAX) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await next();
    this.#running -= 1;
  }
}

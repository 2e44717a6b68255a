import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Pool } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { findChangedPayments, type ShownPayment, type VersionedPayment } from '../store/shown-payments.ts';

const POLL_INTERVAL_MS = 20;
/** Maximum number of waiting requests; further ones get their 202 immediately. */
const WAITING_MAX = 2_000;

interface Waiting {
  paymentId: string;
  isOutcome: (payment: ShownPayment) => boolean;
  deadlineMs: number;
  /** The version of the payment that was read last, without the outcome. */
  seen: string | undefined;
  resolve: (payment: ShownPayment | undefined) => void;
}

/**
 * Waits for the outcomes of payments for HTTP clients. Another replica may produce an outcome, so this polls the
 * database, with one statement at a time for all waiting requests. It reads only payments that have changed.
 */
export class OutcomeWaiter {
  readonly #pool: Pool;
  readonly #logger: Logger;
  #waiting = new Set<Waiting>();
  #polling = false;

  constructor(pool: Pool, logger: Logger) {
    this.#pool = pool;
    this.#logger = logger;
  }

  /** @returns the payment when `isOutcome` holds, or `undefined` after `waitMs` */
  wait(
    paymentId: string,
    isOutcome: (payment: ShownPayment) => boolean,
    waitMs: number,
  ): Promise<ShownPayment | undefined> {
    if (this.#waiting.size >= WAITING_MAX) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting.add({
        paymentId,
        isOutcome,
        deadlineMs: performance.now() + waitMs,
        seen: undefined,
        resolve,
      });
      // Outside the request's trace: the statements serve all waiting requests.
      if (!this.#polling) void context.with(ROOT_CONTEXT, () => this.#poll());
    });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#waiting.size > 0) {
      await new Promise((wake) => setTimeout(wake, POLL_INTERVAL_MS));
      const asked = [...this.#waiting];
      let found = new Map<string, VersionedPayment>();
      try {
        found = await findChangedPayments(this.#pool, asked);
      } catch (error) {
        this.#logger.warn({ err: error }, 'payment.outcome_lookup_failed');
      }
      for (const one of asked) {
        const { payment, version } = found.get(one.paymentId) ?? {};
        const isDone = payment !== undefined && one.isOutcome(payment);
        one.seen = version ?? one.seen;
        if (!isDone && performance.now() < one.deadlineMs) continue;
        this.#waiting.delete(one);
        one.resolve(isDone ? payment : undefined);
      }
    }
    this.#polling = false;
  }
}

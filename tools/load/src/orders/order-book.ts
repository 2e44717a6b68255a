import type { PlacedOrder } from './order.ts';

/** Outcomes kept for payments with an unknown id, whose HTTP response has not arrived yet. */
const EARLY_MAX = 20_000;

export interface Outcome {
  paymentId: string;
  type: string;
  code: string | undefined;
  atMs: number;
}

/** Every order of a run and its outcome. */
export class OrderBook {
  readonly orders: PlacedOrder[] = [];
  readonly #byPayment = new Map<string, PlacedOrder>();
  readonly #early = new Map<string, Outcome[]>();
  #outstanding = 0;

  /** Number of placed orders without an outcome. */
  get outstanding(): number {
    return this.#outstanding;
  }

  place(order: PlacedOrder): void {
    this.orders.push(order);
    this.#outstanding += 1;
    if (order.paymentId !== undefined) this.#byPayment.set(order.paymentId, order);
  }

  /** Records the id of a payment that was ordered over HTTP. */
  identify(order: PlacedOrder, paymentId: string): void {
    order.paymentId = paymentId;
    this.#byPayment.set(paymentId, order);
    const early = this.#early.get(paymentId) ?? [];
    this.#early.delete(paymentId);
    for (const outcome of early) this.hear(outcome);
  }

  /** Records an order that was not accepted: it must have no effect. */
  refuse(order: PlacedOrder, code: string): void {
    this.#end(order, 'refused');
    order.phase.failed(code);
  }

  hear(outcome: Outcome): void {
    const order = this.#byPayment.get(outcome.paymentId);
    if (order === undefined) {
      if (this.#early.size < EARLY_MAX)
        this.#early.set(outcome.paymentId, [...(this.#early.get(outcome.paymentId) ?? []), outcome]);
      return;
    }
    if (order.status !== 'placed' && order.status !== 'authorized') return;
    if (outcome.type === 'payment.authorized') {
      if (order.status === 'authorized' || order.capture === 'automatic') return;
      order.status = 'authorized';
      order.captureIt?.();
      return;
    }
    if (outcome.type === 'payment.captured') {
      this.#end(order, 'captured');
      order.phase.finished(outcome.atMs - order.dueAtMs, order.dueAtMs);
      return;
    }
    this.#end(order, 'failed');
    order.phase.failed(outcome.code ?? outcome.type);
  }

  #end(order: PlacedOrder, status: PlacedOrder['status']): void {
    order.status = status;
    order.captureIt = undefined;
    this.#outstanding -= 1;
  }
}

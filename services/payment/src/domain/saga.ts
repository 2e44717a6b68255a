import type { PaymentStatus } from './payment.ts';
import type { SagaEvent, SagaEventKind, Transition } from './saga-event.ts';
import {
  authorize,
  capture,
  cancel,
  endHold,
  fail,
  postMovement,
  refund,
  refuse,
  rejectMovement,
  rejectVoid,
} from './transitions.ts';
import type { Payment } from './payment.ts';
import type { SagaContext } from './saga-event.ts';

/** The effect of an event in a state. */
export interface Rule {
  /** The states that it can lead to, except the current one. */
  to: readonly PaymentStatus[];
  take: Transition;
}

/** The event changes nothing: it is late, repeated or irrelevant in this state. */
const ignored: Rule = { to: [], take: () => {} };
/** The order is refused: `payment.state_conflict`. */
const refused: Rule = { to: [], take: refuse };
const stays = (take: Transition): Rule => ({ to: [], take });
const leads = (take: Transition, ...to: PaymentStatus[]): Rule => ({ to, take });

/**
 * The saga of a payment: the rule for each event in each state. Orders come from payer and payee; the other events come
 * from the ledger and the card service, in any order and more than once. `docs/payment-states.md` is generated from it.
 */
export const saga = {
  requested: {
    capture_ordered: refused,
    cancel_ordered: refused,
    refund_ordered: stays(refund),
    authorized: leads(authorize, 'authorized', 'cancelled', 'captured'),
    declined: leads(fail, 'failed'),
    movement_posted: leads(postMovement, 'captured', 'refunded'),
    movement_rejected: leads(rejectMovement, 'failed'),
    void_rejected: stays(rejectVoid),
    hold_ended: stays(endHold),
  },
  authorized: {
    capture_ordered: stays(capture),
    cancel_ordered: stays(cancel),
    refund_ordered: stays(refund),
    authorized: ignored,
    declined: ignored,
    movement_posted: leads(postMovement, 'captured', 'refunded'),
    movement_rejected: leads(rejectMovement, 'captured', 'refunded', 'cancelled'),
    void_rejected: stays(rejectVoid),
    hold_ended: leads(endHold, 'captured', 'refunded', 'cancelled'),
  },
  captured: {
    capture_ordered: refused,
    cancel_ordered: refused,
    refund_ordered: stays(refund),
    authorized: ignored,
    declined: ignored,
    movement_posted: leads(postMovement, 'refunded'),
    movement_rejected: stays(rejectMovement),
    void_rejected: stays(rejectVoid),
    hold_ended: stays(endHold),
  },
  cancelled: {
    capture_ordered: refused,
    cancel_ordered: refused,
    refund_ordered: stays(refund),
    authorized: ignored,
    declined: ignored,
    movement_posted: leads(postMovement, 'captured', 'refunded'),
    movement_rejected: stays(rejectMovement),
    void_rejected: stays(rejectVoid),
    hold_ended: stays(endHold),
  },
  failed: {
    capture_ordered: refused,
    cancel_ordered: refused,
    refund_ordered: stays(refund),
    authorized: ignored,
    declined: ignored,
    movement_posted: leads(postMovement, 'captured', 'refunded'),
    movement_rejected: stays(rejectMovement),
    void_rejected: stays(rejectVoid),
    hold_ended: stays(endHold),
  },
  refunded: {
    capture_ordered: refused,
    cancel_ordered: refused,
    refund_ordered: stays(refund),
    authorized: ignored,
    declined: ignored,
    movement_posted: leads(postMovement, 'captured'),
    movement_rejected: stays(rejectMovement),
    void_rejected: stays(rejectVoid),
    hold_ended: stays(endHold),
  },
} as const satisfies Record<PaymentStatus, Record<SagaEventKind, Rule>>;

/**
 * Advances a payment by an event.
 * @throws CodedError `payment.state_conflict`, `payment.amount_exceeded` if an order is refused; the payment is
 * unchanged
 */
export function advance(payment: Payment, event: SagaEvent, context: SagaContext): void {
  const { take }: Rule = saga[payment.status][event.kind];
  take(payment, event, context);
}

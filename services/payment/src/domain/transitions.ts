import { captureIdOfOrder, CodedError, messages, transferIdOf, type DataOf } from '@tallystick/contracts';
import {
  capturable,
  refundable,
  type Cancellation,
  type HoldEnd,
  type Movement,
  type Payment,
} from './payment.ts';
import { emit, type EventOf, type SagaContext, type SagaEvent, type SagaEventKind } from './saga-event.ts';

/** Turns a function for one kind of event into a transition. */
function on<Kind extends SagaEventKind>(
  kind: Kind,
  take: (payment: Payment, event: EventOf<Kind>, context: SagaContext) => void,
): (payment: Payment, event: SagaEvent, context: SagaContext) => void {
  return (payment, event, context) => {
    if (event.kind !== kind) throw new Error(`the saga took ${event.kind} for ${kind}`);
    take(payment, event as EventOf<Kind>, context);
  };
}

/** Refuses an order that the state does not allow. */
export function refuse({ status }: Payment): never {
  throw new CodedError('payment.state_conflict', { detail: `the payment is ${status}` });
}

/** Adds a movement that the ledger is asked for. @returns the id of its transfer */
function addMovement(
  context: SagaContext,
  ordered: Pick<Movement, 'paymentId' | 'kind' | 'operationId' | 'amountMinor'>,
): string {
  const transferId = transferIdOf(ordered.paymentId, ordered.operationId);
  context.newMovements.push({ ...ordered, transferId, status: 'requested', requestedAtMs: context.nowMs });
  return transferId;
}

/** Asks the ledger to post all or part of a held payment, as the capturer signed it. `final` releases the rest of the hold. */
export const capture = on(
  'capture_ordered',
  (payment, { captureId, amountMinor, final, evidence }, context) => {
    const { paymentId, holdId, debitAccountId } = payment;
    if (holdId === undefined || debitAccountId === undefined) return refuse(payment);
    if (amountMinor > capturable(payment)) throw new CodedError('payment.amount_exceeded');
    payment.capturingMinor += amountMinor;
    const transferId = addMovement(context, {
      paymentId,
      kind: 'capture',
      operationId: captureId,
      amountMinor,
    });
    const posting = { holdId, transferId, debitAccountId, paymentId, amountMinor, final };
    emit(context, messages.holdPost, { ...posting, evidence });
    payment.updatedAtMs = context.nowMs;
  },
);

/** Asks the ledger to release the hold, as the capturer or payee signed it, unless a capture is in progress. */
export const cancel = on('cancel_ordered', (payment, { evidence }, context) => {
  const { paymentId, holdId, debitAccountId, capturingMinor } = payment;
  if (holdId === undefined || debitAccountId === undefined || capturingMinor > 0n) return refuse(payment);
  emit(context, messages.holdVoid, { holdId, debitAccountId, paymentId, evidence });
  payment.cancellation = { status: 'requested' };
  payment.updatedAtMs = context.nowMs;
});

/** Asks the ledger for a full or partial refund, as the payee signed it. */
export const refund = on('refund_ordered', (payment, { refundId, amountMinor, evidence }, context) => {
  const { paymentId, debitAccountId, payee, currency } = payment;
  if (payment.capturedMinor === 0n || debitAccountId === undefined) return refuse(payment);
  if (amountMinor > refundable(payment)) throw new CodedError('payment.amount_exceeded');
  payment.refundingMinor += amountMinor;
  const transferId = addMovement(context, { paymentId, kind: 'refund', operationId: refundId, amountMinor });
  emit(context, messages.transferCreate, {
    transferId,
    debitAccountId: payee.accountId,
    creditAccountId: debitAccountId,
    amountMinor,
    currency,
    paymentId,
    refund: true,
    evidence,
  });
  payment.updatedAtMs = context.nowMs;
});

/** The amount is held: by the ledger for an account payment, through the card service for a card payment. */
export const authorize = on('authorized', (payment, { holdId, debitAccountId }, context) => {
  payment.status = 'authorized';
  payment.holdId = holdId;
  payment.debitAccountId = debitAccountId;
  payment.updatedAtMs = context.nowMs;
  emit(context, messages.paymentAuthorized, facts(payment));
  const { amountMinor } = payment;
  // After a restore the ledger may already have been asked to capture.
  const isUncaptured = capturable(payment) === amountMinor;
  if (payment.capture === 'automatic' && payment.holdEnd === undefined && isUncaptured) {
    const captureId = captureIdOfOrder(payment.paymentId);
    capture(payment, { kind: 'capture_ordered', captureId, amountMinor, final: true }, context);
  }
  endWithHold(payment, context);
});

/** The payment ends without a movement of money. */
export const fail = on('declined', (payment, { code }, context) => {
  payment.status = 'failed';
  payment.endToEndIdFreed = true;
  payment.code = code;
  payment.capturingMinor = 0n;
  payment.updatedAtMs = context.nowMs;
  emit(context, messages.paymentFailed, { ...facts(payment), code });
});

/** The ledger posted a movement of the payment. */
export const postMovement = on('movement_posted', (payment, { movement }, context) => {
  if (movement.status !== 'requested') return;
  movement.status = 'posted';
  payment.updatedAtMs = context.nowMs;
  if (movement.kind === 'refund') {
    payment.refundingMinor -= movement.amountMinor;
    payment.refundedMinor += movement.amountMinor;
    if (payment.refundedMinor === payment.capturedMinor && payment.status === 'captured')
      payment.status = 'refunded';
    emit(context, messages.paymentRefunded, { ...facts(payment), refundId: movement.operationId });
    return;
  }
  payment.capturingMinor -= movement.amountMinor;
  payment.capturedMinor += movement.amountMinor;
  // The ledger posted a part of a payment that was published as failed or cancelled: money moved, so it is captured.
  const hadFailed = payment.status === 'failed' || payment.status === 'cancelled';
  if (payment.holdId === undefined || payment.capturedMinor === payment.amountMinor || hadFailed)
    payment.status = endOf(payment);
  if (payment.status !== 'authorized')
    endCancellation(payment, { status: 'rejected', code: 'ledger.hold_ended' });
  const isByOrder = movement.operationId === captureIdOfOrder(payment.paymentId);
  const captureId = isByOrder ? undefined : movement.operationId;
  emit(context, messages.paymentCaptured, { ...facts(payment), captureId });
  endWithHold(payment, context);
});

/** The ledger refused a movement of the payment. */
export const rejectMovement = on('movement_rejected', (payment, { movement, code }, context) => {
  if (movement.status !== 'requested') return;
  movement.status = 'rejected';
  movement.code = code;
  if (movement.kind === 'capture' && payment.status === 'requested') {
    fail(payment, { kind: 'declined', code }, context);
    return;
  }
  if (movement.kind === 'refund') payment.refundingMinor -= movement.amountMinor;
  else payment.capturingMinor -= movement.amountMinor;
  payment.updatedAtMs = context.nowMs;
  const { kind, operationId } = movement;
  emit(context, messages.paymentCommandRejected, {
    paymentId: payment.paymentId,
    command: `payment.${kind}`,
    captureId: kind === 'capture' ? operationId : undefined,
    refundId: kind === 'refund' ? operationId : undefined,
    code,
  });
  endWithHold(payment, context);
});

/** The ledger did not void the hold: it had ended, or a capture was in progress. No money moves. */
export const rejectVoid = on('void_rejected', (payment, { code }, context) => {
  const { paymentId } = payment;
  endCancellation(payment, { status: 'rejected', code });
  payment.updatedAtMs = context.nowMs;
  emit(context, messages.paymentCommandRejected, { paymentId, command: 'payment.cancel', code });
});

/** Notes the outcome of a cancellation, unless it has one. */
function endCancellation(payment: Payment, outcome: Cancellation): void {
  if (payment.cancellation?.status === 'requested') payment.cancellation = outcome;
}

/** The hold of the payment ended: fully posted, voided or expired. */
export const endHold = on('hold_ended', (payment, { how }, context) => {
  if (payment.holdEnd !== undefined) return;
  payment.holdEnd = how;
  if (how === 'voided') endCancellation(payment, { status: 'carried_out' });
  else endCancellation(payment, { status: 'rejected', code: 'ledger.hold_ended' });
  payment.updatedAtMs = context.nowMs;
  endWithHold(payment, context);
});

/**
 * Ends an authorized payment if its hold has ended and every capture has its answer. Answers may overtake one another,
 * so each answer calls this.
 */
function endWithHold(payment: Payment, context: SagaContext): void {
  if (payment.holdEnd === undefined || payment.status !== 'authorized' || payment.capturingMinor > 0n) return;
  // The last part was posted, but its event has not arrived yet.
  if (payment.holdEnd === 'posted' && payment.capturedMinor === 0n) return;
  if (payment.capturedMinor > 0n) {
    payment.status = endOf(payment);
    return;
  }
  payment.status = 'cancelled';
  if (payment.holdEnd === 'expired') payment.code = 'ledger.hold_ended';
  emit(context, messages.paymentCancelled, facts(payment));
}

/** The facts of a payment's transfer, as in the request to the ledger and in the ledger's event. */
export interface MovementFacts {
  transferId: string;
  amountMinor: bigint;
  refund: boolean;
  holdId?: string | undefined;
  debitAccountId: string;
  /** The id of the capture or refund, if its order is known. */
  operationId?: string | undefined;
}

/**
 * Restores a movement that a restored database lost. Only this service can have requested it, whether the movement
 * comes from its own command or from the ledger's posting. The ledger decides whether money moved.
 */
export function restoreMovement(payment: Payment, posting: MovementFacts, context: SagaContext): Movement {
  const { transferId, amountMinor, refund: isRefund, holdId, debitAccountId } = posting;
  // An unknown order cannot be told from its transfer, so the movement gets an id of its own.
  const ownId = (isRefund ? 'rfd' : 'cap') + transferId.slice(transferId.indexOf('_'));
  const movement: Movement = {
    transferId,
    paymentId: payment.paymentId,
    kind: isRefund ? 'refund' : 'capture',
    operationId: posting.operationId ?? ownId,
    amountMinor,
    status: 'requested',
    requestedAtMs: context.nowMs,
  };
  if (isRefund) payment.refundingMinor += amountMinor;
  else {
    payment.capturingMinor += amountMinor;
    payment.holdId ??= holdId;
    payment.debitAccountId ??= debitAccountId;
  }
  context.newMovements.push(movement);
  return movement;
}

/** Returns how a hold ended. A value of a later release counts by whether money moved. */
export function holdEndOf(how: string, postedMinor: bigint): HoldEnd {
  if (how === 'posted' || how === 'voided' || how === 'expired') return how;
  return postedMinor > 0n ? 'posted' : 'voided';
}

function facts(payment: Payment): DataOf<typeof messages.paymentCaptured> {
  const { paymentId, endToEndId, payee, amountMinor, currency, capturedMinor, refundedMinor } = payment;
  return {
    paymentId,
    endToEndId,
    payeeAccountId: payee.accountId,
    amountMinor,
    currency,
    capturedMinor,
    refundedMinor,
  };
}

function endOf({ capturedMinor, refundedMinor }: Payment): 'captured' | 'refunded' {
  return refundedMinor === capturedMinor ? 'refunded' : 'captured';
}

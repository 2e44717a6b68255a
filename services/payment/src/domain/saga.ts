import {
  CodedError,
  messages,
  type DataOf,
  type ErrorCode,
  type Evidence,
  type IdPrefix,
  type MessageDefinition,
  type RequestEvidence,
} from '@tallystick/contracts';
import type * as z from 'zod';
import { capturable, refundable, type Movement, type Payment } from './payment.ts';

/** A message that a step of the saga wants sent. */
export interface Effect {
  definition: MessageDefinition;
  data: unknown;
}

/** What a step has at hand beside the payment: time, ids and a place for what it wants. */
export interface Step {
  nowMs: number;
  /** The id that follows from others: a step that is taken anew asks for the same thing again. */
  idFrom: (prefix: IdPrefix, from: string, ...others: string[]) => string;
  effects: Effect[];
  newMovements: Movement[];
}

/** What the ledger says of a transfer that it posted for a payment. */
export interface Posting {
  transferId: string;
  amountMinor: bigint;
  refund: boolean;
  holdId?: string | undefined;
  debitAccountId: string;
}

/** The transfer that a capture or refund asks for: the same whenever it is asked for. */
export function transferIdOf(paymentId: string, operationId: string, idFrom: Step['idFrom']): string {
  return idFrom('trf', paymentId, operationId);
}

/** A held amount of an account payment is released after this time. */
const HOLD_LIFETIME_MS = 7 * 86_400_000;

function want<Data extends z.ZodType>(
  step: Step,
  definition: MessageDefinition<string, Data>,
  data: z.output<Data>,
): void {
  step.effects.push({ definition: definition as unknown as MessageDefinition, data });
}

function facts(payment: Payment): DataOf<typeof messages.paymentCaptured> {
  const { paymentId, endToEndId, payeeAccountId, amountMinor, currency, capturedMinor, refundedMinor } =
    payment;
  return { paymentId, endToEndId, payeeAccountId, amountMinor, currency, capturedMinor, refundedMinor };
}

/**
 * The first step of a payment: asks the card service for an authorization, or the ledger for a hold or, where the
 * payment is immediate, for the transfer itself. The evidence is what the payer signed.
 */
export function begin(payment: Payment, evidence: Evidence, step: Step): void {
  const { paymentId, source, payeeAccountId, amountMinor, currency } = payment;
  if (source.kind === 'card') {
    const { cardId } = source;
    const authorizationId = step.idFrom('aut', paymentId);
    want(step, messages.cardAuthorize, {
      authorizationId,
      cardId,
      paymentId,
      payeeAccountId,
      amountMinor,
      currency,
      evidence: evidence as RequestEvidence,
    });
    return;
  }
  const movement = {
    debitAccountId: source.accountId,
    creditAccountId: payeeAccountId,
    amountMinor,
    currency,
    paymentId,
  };
  payment.debitAccountId = source.accountId;
  if (payment.capture === 'automatic') {
    const operationId = step.idFrom('cap', paymentId);
    const transferId = transferIdOf(paymentId, operationId, step.idFrom);
    payment.capturingMinor = amountMinor;
    step.newMovements.push({
      transferId,
      paymentId,
      kind: 'capture',
      operationId,
      amountMinor,
      status: 'requested',
    });
    want(step, messages.transferCreate, { transferId, ...movement, refund: false, evidence });
    return;
  }
  const expiresAt = new Date(step.nowMs + HOLD_LIFETIME_MS).toISOString();
  want(step, messages.holdPlace, { holdId: step.idFrom('hld', paymentId), ...movement, expiresAt, evidence });
}

/**
 * Collects a held payment, or a part of it.
 * @param order.final whether what is left afterwards is released
 * @throws CodedError `payment.state_conflict`, `payment.amount_exceeded`
 */
export function capture(
  payment: Payment,
  order: { captureId: string; amountMinor: bigint; final: boolean },
  step: Step,
): void {
  const { paymentId, holdId, debitAccountId } = payment;
  if (payment.status !== 'authorized' || holdId === undefined || debitAccountId === undefined)
    throw conflict(payment);
  if (order.amountMinor > capturable(payment)) throw new CodedError('payment.amount_exceeded');
  const transferId = transferIdOf(paymentId, order.captureId, step.idFrom);
  payment.capturingMinor += order.amountMinor;
  step.newMovements.push({
    transferId,
    paymentId,
    kind: 'capture',
    operationId: order.captureId,
    amountMinor: order.amountMinor,
    status: 'requested',
  });
  want(step, messages.holdPost, {
    holdId,
    transferId,
    debitAccountId,
    paymentId,
    amountMinor: order.amountMinor,
    final: order.final,
  });
  touch(payment, step);
}

/**
 * Releases what is held and not captured.
 * @throws CodedError `payment.state_conflict`
 */
export function cancel(payment: Payment, step: Step): void {
  const { paymentId, holdId, debitAccountId } = payment;
  if (
    payment.status !== 'authorized' ||
    holdId === undefined ||
    debitAccountId === undefined ||
    payment.capturingMinor > 0n
  ) {
    throw conflict(payment);
  }
  want(step, messages.holdVoid, { holdId, debitAccountId, paymentId });
  touch(payment, step);
}

/**
 * Gives a captured payment back, or a part of it, as the payee signed.
 * @throws CodedError `payment.state_conflict`, `payment.amount_exceeded`
 */
export function refund(
  payment: Payment,
  order: { refundId: string; amountMinor: bigint },
  evidence: Evidence,
  step: Step,
): void {
  const { paymentId, debitAccountId, payeeAccountId, currency } = payment;
  if (payment.capturedMinor === 0n || debitAccountId === undefined) throw conflict(payment);
  if (order.amountMinor > refundable(payment)) throw new CodedError('payment.amount_exceeded');
  const transferId = transferIdOf(paymentId, order.refundId, step.idFrom);
  payment.refundingMinor += order.amountMinor;
  step.newMovements.push({
    transferId,
    paymentId,
    kind: 'refund',
    operationId: order.refundId,
    amountMinor: order.amountMinor,
    status: 'requested',
  });
  want(step, messages.transferCreate, {
    transferId,
    debitAccountId: payeeAccountId,
    creditAccountId: debitAccountId,
    amountMinor: order.amountMinor,
    currency,
    paymentId,
    refund: true,
    evidence,
  });
  touch(payment, step);
}

/** The amount is held: by the ledger for an account payment, by way of the card service for a card payment. */
export function authorized(
  payment: Payment,
  held: { holdId: string; debitAccountId: string },
  step: Step,
): void {
  if (payment.status !== 'requested') return;
  payment.status = 'authorized';
  payment.holdId = held.holdId;
  payment.debitAccountId = held.debitAccountId;
  touch(payment, step);
  want(step, messages.paymentAuthorized, facts(payment));
  if (payment.capture === 'automatic' && payment.holdEnd === undefined) {
    const captureId = step.idFrom('cap', payment.paymentId);
    capture(payment, { captureId, amountMinor: payment.amountMinor, final: true }, step);
  }
  settle(payment, step);
}

/** The payment ends and no money moved. */
export function failed(payment: Payment, code: ErrorCode, step: Step): void {
  if (payment.status !== 'requested') return;
  payment.status = 'failed';
  payment.code = code;
  payment.capturingMinor = 0n;
  touch(payment, step);
  want(step, messages.paymentFailed, { ...facts(payment), code });
}

/**
 * A movement that the ledger posted and this payment has forgotten, as after a restore: nobody else could have asked for
 * it, and the ledger decides whether money moved.
 */
export function recalled(payment: Payment, posting: Posting, step: Step): Movement {
  const { transferId, amountMinor, refund, holdId, debitAccountId } = posting;
  const movement: Movement = {
    transferId,
    paymentId: payment.paymentId,
    kind: refund ? 'refund' : 'capture',
    operationId: transferId,
    amountMinor,
    status: 'requested',
  };
  if (refund) payment.refundingMinor += amountMinor;
  else {
    payment.capturingMinor += amountMinor;
    payment.holdId ??= holdId;
    payment.debitAccountId ??= debitAccountId;
  }
  step.newMovements.push(movement);
  return movement;
}

/** A movement that the payment asked for was posted. */
export function posted(payment: Payment, movement: Movement, step: Step): void {
  if (movement.status !== 'requested') return;
  movement.status = 'posted';
  touch(payment, step);
  if (movement.kind === 'refund') {
    payment.refundingMinor -= movement.amountMinor;
    payment.refundedMinor += movement.amountMinor;
    if (payment.refundedMinor === payment.capturedMinor && payment.status === 'captured')
      payment.status = 'refunded';
    want(step, messages.paymentRefunded, facts(payment));
    return;
  }
  payment.capturingMinor -= movement.amountMinor;
  payment.capturedMinor += movement.amountMinor;
  if (payment.holdId === undefined || payment.capturedMinor === payment.amountMinor)
    payment.status = endOf(payment);
  want(step, messages.paymentCaptured, facts(payment));
  settle(payment, step);
}

/** A movement that the payment asked for was refused. */
export function rejected(payment: Payment, movement: Movement, code: ErrorCode, step: Step): void {
  if (movement.status !== 'requested') return;
  movement.status = 'rejected';
  if (movement.kind === 'capture' && payment.status === 'requested') {
    failed(payment, code, step);
    return;
  }
  if (movement.kind === 'refund') payment.refundingMinor -= movement.amountMinor;
  else payment.capturingMinor -= movement.amountMinor;
  touch(payment, step);
  want(step, messages.paymentCommandRejected, {
    paymentId: payment.paymentId,
    command: `payment.${movement.kind}`,
    code,
  });
  settle(payment, step);
}

/** The hold was not voided: it had ended, or part of it was being collected. The payment is as it was. */
export function voidRejected(payment: Payment, code: ErrorCode, step: Step): void {
  want(step, messages.paymentCommandRejected, {
    paymentId: payment.paymentId,
    command: 'payment.cancel',
    code,
  });
}

/** The hold behind the payment ended: its last part was posted, or it was voided, or it expired. */
export function holdEnded(payment: Payment, how: 'posted' | 'voided' | 'expired', step: Step): void {
  if (payment.holdEnd !== undefined) return;
  payment.holdEnd = how;
  touch(payment, step);
  settle(payment, step);
}

/**
 * Ends an authorized payment whose hold has ended, once every capture has its answer. Answers may overtake one
 * another, so each of them comes through here.
 */
function settle(payment: Payment, step: Step): void {
  if (payment.holdEnd === undefined || payment.status !== 'authorized' || payment.capturingMinor > 0n) return;
  // The last part was posted, and the word of it is still to come.
  if (payment.holdEnd === 'posted' && payment.capturedMinor === 0n) return;
  if (payment.capturedMinor > 0n) {
    payment.status = endOf(payment);
    return;
  }
  payment.status = 'cancelled';
  if (payment.holdEnd === 'expired') payment.code = 'ledger.hold_ended';
  want(step, messages.paymentCancelled, facts(payment));
}

function endOf({ capturedMinor, refundedMinor }: Payment): 'captured' | 'refunded' {
  return refundedMinor === capturedMinor ? 'refunded' : 'captured';
}

function conflict({ status }: Payment): CodedError {
  return new CodedError('payment.state_conflict', { detail: `the payment is ${status}` });
}

function touch(payment: Payment, { nowMs }: Step): void {
  payment.updatedAtMs = nowMs;
}

import {
  authorizationIdOf,
  captureIdOfOrder,
  holdIdOf,
  messages,
  transferIdOfOrder,
  type Evidence,
  type RequestEvidence,
} from '@tallystick/contracts';
import type { Payment } from './payment.ts';
import { emit, type SagaContext } from './saga-event.ts';

/** Lifetime of the hold of an account payment. */
export const HOLD_LIFETIME_MS = 7 * 86_400_000;

/**
 * Begins a payment with the first command to the card service or the ledger. A card payment requests an authorization;
 * an account payment requests a hold, or an immediate transfer if `capture` is `automatic`.
 * @param evidence signed by the payer
 */
export function begin(payment: Payment, evidence: Evidence, context: SagaContext): void {
  const { paymentId, source, payee, amountMinor, currency } = payment;
  if (source.kind === 'card') {
    emit(context, messages.cardAuthorize, {
      authorizationId: authorizationIdOf(paymentId),
      cardId: source.cardId,
      paymentId,
      payeeAccountId: payee.accountId,
      amountMinor,
      currency,
      evidence: evidence as RequestEvidence,
    });
    return;
  }
  const movement = {
    debitAccountId: source.accountId,
    creditAccountId: payee.accountId,
    amountMinor,
    currency,
    paymentId,
  };
  payment.debitAccountId = source.accountId;
  if (payment.capture === 'automatic') {
    const operationId = captureIdOfOrder(paymentId);
    const transferId = transferIdOfOrder(paymentId);
    payment.capturingMinor = amountMinor;
    context.newMovements.push({
      transferId,
      paymentId,
      kind: 'capture',
      operationId,
      amountMinor,
      status: 'requested',
      requestedAtMs: context.nowMs,
    });
    emit(context, messages.transferCreate, { transferId, ...movement, refund: false, evidence });
    return;
  }
  const expiresAt = new Date(context.nowMs + HOLD_LIFETIME_MS).toISOString();
  emit(context, messages.holdPlace, {
    holdId: holdIdOf(paymentId),
    ...movement,
    expiresAt,
    evidence,
  });
}

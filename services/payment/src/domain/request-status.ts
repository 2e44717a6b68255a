import { authorizationIdOf, holdIdOf, messages } from '@tallystick/contracts';
import type { Movement, Payment } from './payment.ts';
import { emit, type SagaContext } from './saga-event.ts';

/**
 * Asks the ledger or the card service for the outcome of a payment's authorization or of its hold. An outcome that was lost
 * comes again; an order that was not carried out in time is refused.
 */
export function requestStatus(payment: Payment, context: SagaContext): void {
  const { paymentId, source, payee, amountMinor, currency, status } = payment;
  const isByCard = source.kind === 'card';
  if (status === 'requested' && isByCard) {
    emit(context, messages.authorizationRequestStatus, {
      authorizationId: authorizationIdOf(paymentId),
      cardId: source.cardId,
      paymentId,
      payeeAccountId: payee.accountId,
      amountMinor,
      currency,
    });
    return;
  }
  // The transfer of an order that is captured at once is a movement.
  if (status === 'requested' && payment.capture === 'automatic') return;
  const debitAccountId = isByCard ? payment.debitAccountId : source.accountId;
  if (debitAccountId === undefined) return;
  emit(context, messages.holdRequestStatus, {
    holdId: payment.holdId ?? holdIdOf(paymentId),
    debitAccountId,
    creditAccountId: payee.accountId,
    amountMinor,
    currency,
    paymentId,
    authorizationId: isByCard ? authorizationIdOf(paymentId) : undefined,
  });
}

/** Asks the ledger for the outcome of a capture or refund. */
export function requestMovementStatus(payment: Payment, movement: Movement, context: SagaContext): void {
  const { paymentId, payee, currency, debitAccountId } = payment;
  if (debitAccountId === undefined) return;
  const { transferId, amountMinor, kind } = movement;
  const refund = kind === 'refund';
  emit(context, messages.transferRequestStatus, {
    transferId,
    debitAccountId: refund ? payee.accountId : debitAccountId,
    creditAccountId: refund ? debitAccountId : payee.accountId,
    amountMinor,
    currency,
    paymentId,
    refund,
    holdId: refund ? undefined : payment.holdId,
  });
}

import { messages, type Evidence, type RequestEvidence } from '@tallystick/contracts';
import type { Payment } from './payment.ts';
import { emit, type SagaContext } from './saga-event.ts';

/** How long a held amount of an account payment stays held. */
const HOLD_LIFETIME_MS = 7 * 86_400_000;

/** The transfer that a capture or refund asks for: the same whenever it is asked for. */
export function transferIdOf(paymentId: string, operationId: string, idFrom: SagaContext['idFrom']): string {
  return idFrom('trf', paymentId, operationId);
}

/**
 * Begins a payment: asks the card service for an authorization, or the ledger for a hold or, where the payment is
 * immediate, for the transfer itself.
 * @param evidence what the payer signed
 */
export function begin(payment: Payment, evidence: Evidence, context: SagaContext): void {
  const { paymentId, source, payee, amountMinor, currency } = payment;
  if (source.kind === 'card') {
    emit(context, messages.cardAuthorize, {
      authorizationId: context.idFrom('aut', paymentId),
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
    const operationId = context.idFrom('cap', paymentId);
    const transferId = transferIdOf(paymentId, operationId, context.idFrom);
    payment.capturingMinor = amountMinor;
    context.newMovements.push({
      transferId,
      paymentId,
      kind: 'capture',
      operationId,
      amountMinor,
      status: 'requested',
    });
    emit(context, messages.transferCreate, { transferId, ...movement, refund: false, evidence });
    return;
  }
  const expiresAt = new Date(context.nowMs + HOLD_LIFETIME_MS).toISOString();
  emit(context, messages.holdPlace, {
    holdId: context.idFrom('hld', paymentId),
    ...movement,
    expiresAt,
    evidence,
  });
}

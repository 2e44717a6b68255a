import { messages } from '@tallystick/contracts';
import { inAnswerTo, isOf, type IncomingMessage, type Subscription } from '@tallystick/messaging';
import { saveAccountOwners } from '../store/payments.ts';
import type { PaymentStep } from '../take-steps.ts';
import { takeNewSteps } from './take-new-steps.ts';

/** Handles `account.events.v1` and `card.events.v1`: what the others made of what payments asked of them. */
export function answers(nowMs: () => number): Subscription {
  return {
    types: [
      messages.accountOpened,
      messages.holdPlaced,
      messages.holdRejected,
      messages.holdEnded,
      messages.holdVoidRejected,
      messages.transferPosted,
      messages.transferRejected,
      messages.authorizationApproved,
      messages.authorizationDeclined,
    ],
    async handle(batch, tx, send) {
      await takeNewSteps(batch, stepOf, tx, send, nowMs());
      saveAccountOwners(
        tx,
        [...(await batch.fresh)].flatMap((message) =>
          isOf(message, messages.accountOpened) ? [message.opened.data] : [],
        ),
      );
    },
  };
}

function stepOf(message: IncomingMessage): PaymentStep | undefined {
  const options = inAnswerTo(message);
  if (isOf(message, messages.holdPlaced) || isOf(message, messages.holdRejected)) {
    const { paymentId, authorizationId } = message.opened.data;
    // The hold of a card payment is the card service's: it tells what became of the authorization.
    if (authorizationId !== undefined) return undefined;
    if (isOf(message, messages.holdRejected))
      return { kind: 'failed', paymentId, code: message.opened.data.code, options };
    const { holdId, debitAccountId } = message.opened.data;
    return { kind: 'authorized', paymentId, holdId, debitAccountId, options };
  }
  if (isOf(message, messages.authorizationApproved)) {
    const { paymentId, holdId, debitAccountId } = message.opened.data;
    return { kind: 'authorized', paymentId, holdId, debitAccountId, options };
  }
  if (isOf(message, messages.authorizationDeclined)) {
    const { paymentId, code } = message.opened.data;
    return { kind: 'failed', paymentId, code, options };
  }
  if (isOf(message, messages.holdEnded)) {
    const { paymentId, how } = message.opened.data;
    return { kind: 'hold_ended', paymentId, how, options };
  }
  if (isOf(message, messages.holdVoidRejected)) {
    const { paymentId, code } = message.opened.data;
    return { kind: 'void_rejected', paymentId, code, options };
  }
  if (isOf(message, messages.transferRejected) && message.opened.data.paymentId !== undefined) {
    const { paymentId, transferId, code } = message.opened.data;
    return { kind: 'rejected', paymentId, transferId, code, options };
  }
  if (isOf(message, messages.transferPosted) && message.opened.data.paymentId !== undefined) {
    const { paymentId, ...posting } = message.opened.data;
    return { kind: 'posted', paymentId, ...posting, options };
  }
  return undefined;
}

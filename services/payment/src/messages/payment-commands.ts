import { CodedError, messages } from '@tallystick/contracts';
import {
  inAnswerTo,
  isOf,
  markRefused,
  type IncomingMessage,
  type Subscription,
} from '@tallystick/messaging';
import type { Initiator } from '../domain/payment.ts';
import { loadState, rejectLate, type PaymentStep } from '../take-steps.ts';
import { takeNewSteps } from './take-new-steps.ts';

/** Handles `payment.commands.v1`: orders of outside producers. Their own envelope is the evidence. */
export function paymentCommands(nowMs: () => number): Subscription {
  const { paymentCreate, paymentCapture, paymentCancel, paymentRefund } = messages;
  return {
    types: [paymentCreate, paymentCapture, paymentCancel, paymentRefund],
    async handle(batch, tx, send) {
      for (const { message, result } of await takeNewSteps(batch, stepOf, tx, send, nowMs()))
        if (result instanceof CodedError) markRefused(message, result.code);
    },
    async answerLate(late, tx, send) {
      const steps = late.flatMap((message) => stepOf(message) ?? []);
      rejectLate(send, await loadState(tx, steps), steps);
    },
  };
}

function stepOf(message: IncomingMessage): PaymentStep | undefined {
  const { claims, jws } = message.opened;
  const by: Initiator = { kind: 'producer', id: claims.iss };
  const base = { options: inAnswerTo(message), commandJti: claims.jti };
  const evidence = { kind: 'order', envelope: jws } as const;
  if (isOf(message, messages.paymentCreate)) {
    const { paymentId, ...order } = message.opened.data;
    return {
      ...base,
      kind: 'create',
      paymentId,
      order: { ...order, initiator: by },
      evidence,
      txn: claims.txn,
    };
  }
  if (isOf(message, messages.paymentCapture)) {
    const { paymentId, ...order } = message.opened.data;
    return { ...base, kind: 'capture', paymentId, order, by };
  }
  if (isOf(message, messages.paymentCancel))
    return { ...base, kind: 'cancel', paymentId: message.opened.data.paymentId, by };
  if (isOf(message, messages.paymentRefund)) {
    const { paymentId, ...order } = message.opened.data;
    return { ...base, kind: 'refund', paymentId, order, evidence, by };
  }
  return undefined;
}

import {
  inAnswerTo,
  handledBy,
  subscription,
  type IncomingMessage,
  type Subscription,
  type UseCase,
} from '@tallystick/messaging';
import type { PaymentStep } from '../app/payment-step.ts';
import type { Initiator } from '../domain/payment.ts';

/** Handles `payment.commands.v1`: orders of third parties. The envelope of an order is its evidence. */
export function paymentCommands(steps: UseCase<PaymentStep>): Subscription {
  const step = handledBy(steps);
  return subscription('payment', 'payment.commands.v1', {
    'payment.create': step((message) => {
      const { paymentId, ...order } = message.opened.data;
      return {
        ...orderedBy(message),
        kind: 'create',
        paymentId,
        order: { ...order, initiator: initiatorOf(message) },
        evidence: evidenceOf(message),
        txn: message.opened.claims.txn,
      };
    }),
    'payment.capture': step((message) => {
      const { paymentId, ...order } = message.opened.data;
      return { ...commandedBy(message), kind: 'capture', paymentId, order };
    }),
    'payment.cancel': step((message) => {
      const { paymentId } = message.opened.data;
      return { ...commandedBy(message), kind: 'cancel', paymentId };
    }),
    'payment.refund': step((message) => {
      const { paymentId, ...order } = message.opened.data;
      return { ...commandedBy(message), kind: 'refund', paymentId, order };
    }),
  });
}

function orderedBy(message: IncomingMessage): Pick<PaymentStep, 'options'> & { commandJti: string } {
  return { options: inAnswerTo(message), commandJti: message.opened.claims.jti };
}

function commandedBy(
  message: IncomingMessage,
): Pick<PaymentStep & { kind: 'cancel' }, 'by' | 'evidence' | 'options'> & { commandJti: string } {
  return { ...orderedBy(message), by: initiatorOf(message), evidence: evidenceOf(message) };
}

function initiatorOf({ opened }: IncomingMessage): Initiator {
  return { kind: 'producer', id: opened.claims.iss };
}

function evidenceOf({ opened }: IncomingMessage): { kind: 'order'; envelope: string } {
  return { kind: 'order', envelope: opened.jws };
}

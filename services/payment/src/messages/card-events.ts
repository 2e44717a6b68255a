import { inAnswerTo, handledBy, subscription, type Subscription, type UseCase } from '@tallystick/messaging';
import type { PaymentStep } from '../app/payment-step.ts';

/** Handles `card.events.v1`: the outcomes of the authorizations that payments requested. */
export function cardEvents(steps: UseCase<PaymentStep>): Subscription {
  const step = handledBy(steps);
  return subscription('payment', 'card.events.v1', {
    'card.authorization.approved': step((message) => {
      const { paymentId, holdId, debitAccountId } = message.opened.data;
      return { kind: 'authorized', paymentId, holdId, debitAccountId, options: inAnswerTo(message) };
    }),
    'card.authorization.declined': step((message) => {
      const { paymentId, code } = message.opened.data;
      return { kind: 'declined', paymentId, code, options: inAnswerTo(message) };
    }),
  });
}

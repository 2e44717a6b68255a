import { CodedError } from '@tallystick/contracts';
import { markRefused, type Asked, type Send, type UseCase } from '@tallystick/messaging';
import { namesOf, rejectExpired, takeSteps, type PaymentStep } from '../app/take-steps.ts';
import { paymentStore } from '../store/payment-store.ts';

/** Takes the steps that the new messages of a batch ask for. An order that is refused marks its message. */
export function stepsOfPayments(nowMs: () => number): UseCase<PaymentStep> {
  return {
    async carryOut(asked, { fresh, tx, send }) {
      const store = paymentStore(tx);
      const [isNew, state] = await Promise.all([fresh, store.load(namesOf(stepsIn(asked)))]);
      const taken = asked.filter(({ message }) => isNew.has(message));
      const results = takeSteps(store, send, state, stepsIn(taken), nowMs());
      results.forEach((result, at) => {
        if (result instanceof CodedError) markRefused(taken[at]!.message, result.code);
      });
    },
    async onExpired(asked, tx, send: Send) {
      const steps = stepsIn(asked);
      rejectExpired(send, await paymentStore(tx).load(namesOf(steps)), steps);
    },
  };
}

function stepsIn(asked: readonly Asked<PaymentStep>[]): PaymentStep[] {
  return asked.map(({ item }) => item);
}

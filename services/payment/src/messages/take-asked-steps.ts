import { CodedError } from '@tallystick/contracts';
import { markRefused, type Asked, type Send, type UseCase } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { PaymentStore } from '../app/payment-store.ts';
import { namesOf, type PaymentStep } from '../app/payment-step.ts';
import { rejectExpired, takeSteps } from '../app/take-steps.ts';

export interface StepsContext {
  storeOf: (tx: Transaction) => PaymentStore;
  nowMs: () => number;
}

/** Takes the steps of the new messages in a batch. It marks the message of a refused order. */
export function stepsOfPayments({ storeOf, nowMs }: StepsContext): UseCase<PaymentStep> {
  return {
    async carryOut(asked, { firstSeen, tx, send }) {
      const store = storeOf(tx);
      const [isNew, state] = await Promise.all([firstSeen, store.load(namesOf(stepsIn(asked)))]);
      const taken = asked.filter(({ message }) => isNew.has(message));
      const results = takeSteps(store, send, state, stepsIn(taken), nowMs());
      results.forEach((result, at) => {
        if (result instanceof CodedError) markRefused(taken[at]!.message, result.code);
      });
    },
    async onExpired(asked, tx, send: Send) {
      const steps = stepsIn(asked);
      rejectExpired(send, await storeOf(tx).load(namesOf(steps)), steps);
    },
  };
}

function stepsIn(asked: readonly Asked<PaymentStep>[]): PaymentStep[] {
  return asked.map(({ item }) => item);
}

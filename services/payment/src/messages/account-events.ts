import { inAnswerTo, handledBy, subscription, type Subscription, type UseCase } from '@tallystick/messaging';
import type { AccountOwner } from '../app/payment-store.ts';
import type { PaymentStep } from '../app/payment-step.ts';
import { holdEndOf } from '../domain/transitions.ts';
import type { MandateNote } from './note-mandates.ts';

/**
 * Handles `account.events.v1`: the ledger's answers to the commands of payments.
 * @param owners saves the owners of accounts
 * @param mandates saves the mandates of producers
 */
export function accountEvents(
  steps: UseCase<PaymentStep>,
  owners: UseCase<AccountOwner>,
  mandates: UseCase<MandateNote>,
): Subscription {
  const step = handledBy(steps);
  const owner = handledBy(owners);
  const mandate = handledBy(mandates);
  return subscription('payment', 'account.events.v1', {
    'account.opened': owner(({ opened }) => opened.data),
    'account.mandate.granted': mandate(({ opened: { data } }) => {
      const { mandateId, accountId, grantee, endsAt } = data;
      if (grantee.kind !== 'producer') return undefined;
      const endsAtMs = endsAt === undefined ? undefined : Date.parse(endsAt);
      return { granted: { mandateId, accountId, producerId: grantee.id, endsAtMs } };
    }),
    'account.mandate.withdrawn': mandate(({ opened: { data } }) => ({ withdrawnId: data.mandateId })),
    'account.hold.placed': step((message) => {
      const { paymentId, holdId, debitAccountId, authorizationId } = message.opened.data;
      // The card service owns the hold of a card payment and publishes the outcome of the authorization.
      if (authorizationId !== undefined) return undefined;
      return { kind: 'authorized', paymentId, holdId, debitAccountId, options: inAnswerTo(message) };
    }),
    'account.hold.rejected': step((message) => {
      const { paymentId, code, authorizationId } = message.opened.data;
      if (authorizationId !== undefined) return undefined;
      return { kind: 'declined', paymentId, code, options: inAnswerTo(message) };
    }),
    'account.hold.ended': step((message) => {
      const { paymentId, how, postedMinor } = message.opened.data;
      return {
        kind: 'hold_ended',
        paymentId,
        how: holdEndOf(how, postedMinor),
        options: inAnswerTo(message),
      };
    }),
    'account.hold.void_rejected': step((message) => {
      const { paymentId, code } = message.opened.data;
      return { kind: 'void_rejected', paymentId, code, options: inAnswerTo(message) };
    }),
    'account.transfer.posted': step((message) => {
      const { paymentId, ...posting } = message.opened.data;
      if (paymentId === undefined) return undefined;
      return { ...posting, kind: 'posted', paymentId, options: inAnswerTo(message) };
    }),
    'account.transfer.rejected': step((message) => {
      const { paymentId, transferId, code } = message.opened.data;
      if (paymentId === undefined) return undefined;
      return { kind: 'rejected', paymentId, transferId, code, options: inAnswerTo(message) };
    }),
  });
}

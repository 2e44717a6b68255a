import { handledBy, inAnswerTo, subscription, type Subscription, type UseCase } from '@tallystick/messaging';
import type { SendOptions } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { CardStore, MandateOutcome } from '../app/card-store.ts';
import { endIssuing } from '../app/end-issuing.ts';
import { followHolds, type FollowedHold } from '../app/follow-holds.ts';

type StoreOf = (tx: Transaction) => CardStore;

/** Handles `account.events.v1`: the outcomes of the holds behind authorizations and of card mandates. */
export function accountEvents(storeOf: StoreOf): Subscription {
  const hold = handledBy(holds(storeOf));
  const mandate = handledBy(mandates(storeOf));
  return subscription('card', 'account.events.v1', {
    'account.hold.placed': hold((message) => {
      const { authorizationId } = message.opened.data;
      return followed(authorizationId, { kind: 'placed' }, inAnswerTo(message));
    }),
    'account.hold.rejected': hold((message) => {
      const { authorizationId, code } = message.opened.data;
      return followed(authorizationId, { kind: 'rejected', code }, inAnswerTo(message));
    }),
    'account.hold.ended': hold((message) => {
      const { authorizationId, postedMinor } = message.opened.data;
      return followed(authorizationId, { kind: 'ended', postedMinor }, inAnswerTo(message));
    }),
    'account.mandate.granted': mandate((message) => {
      const { mandateId } = message.opened.data;
      return { mandateId, code: undefined, options: inAnswerTo(message) };
    }),
    'account.mandate.rejected': mandate((message) => {
      const { mandateId, code } = message.opened.data;
      return { mandateId, code, options: inAnswerTo(message) };
    }),
  });
}

/** Returns `undefined` for the hold of a payment that is not by card. */
function followed(
  authorizationId: string | undefined,
  event: FollowedHold['event'],
  options: SendOptions,
): FollowedHold | undefined {
  return authorizationId === undefined ? undefined : { authorizationId, event, options };
}

function holds(storeOf: StoreOf): UseCase<FollowedHold> {
  return {
    async carryOut(asked, { firstSeen, tx, send }) {
      const store = storeOf(tx);
      const [isNew, authorizations] = await Promise.all([
        firstSeen,
        store.loadAuthorizations(asked.map(({ item }) => item.authorizationId)),
      ]);
      const taken = asked.filter(({ message }) => isNew.has(message)).map(({ item }) => item);
      followHolds(store, send, authorizations, taken);
    },
  };
}

function mandates(storeOf: StoreOf): UseCase<MandateOutcome & { options: SendOptions }> {
  return {
    async carryOut(asked, { firstSeen, tx, send }) {
      const isNew = await firstSeen;
      const outcomes = asked.filter(({ message }) => isNew.has(message)).map(({ item }) => item);
      await endIssuing(storeOf(tx), send, outcomes);
    },
  };
}

import { handledBy, inAnswerTo, subscription, type Subscription, type UseCase } from '@tallystick/messaging';
import type { SendOptions } from '@tallystick/messaging';
import type { MandateOutcome } from '../app/card-store.ts';
import { endIssuing } from '../app/end-issuing.ts';
import { followHolds, type FollowedHold } from '../app/follow-holds.ts';
import { cardStore } from '../store/card-store.ts';

/** Handles `account.events.v1`: what the ledger made of the holds behind authorizations, and of a card's mandate. */
export function accountEvents(): Subscription {
  const hold = handledBy(holds);
  const mandate = handledBy(mandates);
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

/** The holds of payments that are not by card do not concern this service. */
function followed(
  authorizationId: string | undefined,
  event: FollowedHold['event'],
  options: SendOptions,
): FollowedHold | undefined {
  return authorizationId === undefined ? undefined : { authorizationId, event, options };
}

const holds: UseCase<FollowedHold> = {
  async carryOut(asked, { fresh, tx, send }) {
    const store = cardStore(tx);
    const [isNew, authorizations] = await Promise.all([
      fresh,
      store.loadAuthorizations(asked.map(({ item }) => item.authorizationId)),
    ]);
    const taken = asked.filter(({ message }) => isNew.has(message)).map(({ item }) => item);
    followHolds(store, send, authorizations, taken);
  },
};

const mandates: UseCase<MandateOutcome & { options: SendOptions }> = {
  async carryOut(asked, { fresh, tx, send }) {
    const isNew = await fresh;
    const outcomes = asked.filter(({ message }) => isNew.has(message)).map(({ item }) => item);
    await endIssuing(cardStore(tx), send, outcomes);
  },
};

import { countSpending, type Spending } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import { countedMinor, followHold, type Authorization, type HoldEvent } from '../domain/authorization.ts';
import { publish } from './authorize.ts';
import type { CardStore } from './card-store.ts';

/** An event of the hold behind an authorization, with the send options of its answers. */
export interface FollowedHold {
  authorizationId: string;
  event: HoldEvent;
  options: SendOptions;
}

/**
 * Applies the events of holds to their authorizations. It publishes the outcomes and gives the amounts that were not
 * collected back to the day and the month in which they were counted.
 * @param authorizations loaded by the store in this transaction for these holds
 */
export function followHolds(
  store: CardStore,
  send: Send,
  authorizations: ReadonlyMap<string, Authorization>,
  holds: readonly FollowedHold[],
): void {
  const changed = new Set<Authorization>();
  const spent: Spending = new Map();
  for (const { authorizationId, event, options } of holds) {
    const authorization = authorizations.get(authorizationId);
    if (authorization === undefined) continue;
    const countedBefore = countedMinor(authorization);
    const outcomes = followHold(authorization, event);
    if (outcomes.length === 0) continue;
    changed.add(authorization);
    const { cardId, requestedAtMs } = authorization;
    countSpending(spent, cardId, countedMinor(authorization) - countedBefore, requestedAtMs);
    publish(send, authorization, outcomes, options);
  }
  store.saveFollowed([...changed], spent);
}

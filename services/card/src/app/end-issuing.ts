import { messages } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type { CardStore, MandateOutcome } from './card-store.ts';

/** Activates the cards whose mandates were granted, refuses the others, and publishes the outcomes. */
export async function endIssuing(
  store: CardStore,
  send: Send,
  outcomes: readonly (MandateOutcome & { options: SendOptions })[],
): Promise<void> {
  const changed = await store.endIssuing(outcomes);
  const cardOf = new Map(changed.map(({ mandateId, cardId }) => [mandateId, cardId]));
  for (const { mandateId, code, options } of outcomes) {
    const cardId = cardOf.get(mandateId);
    if (cardId === undefined) continue;
    if (code === undefined) send(messages.cardActivated, { cardId }, options);
    else send(messages.cardIssueFailed, { cardId, code }, options);
  }
}

import { CodedError, messages } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type { CardStore } from './card-store.ts';

/** A change of whether a card may pay. */
export interface BlockChange {
  cardId: string;
  isBlocked: boolean;
  atMs: number;
}

/**
 * Blocks or unblocks cards and publishes that. A blocked card authorizes no payment; payments that it authorized before go
 * on.
 * @returns for each order since when the card is blocked, in their order, or `resource.not_found`
 */
export async function setBlocked(
  store: CardStore,
  send: Send,
  isBlocked: boolean,
  orders: readonly { cardId: string; options: SendOptions }[],
  atMs: number,
): Promise<({ cardId: string; blockedAt: string | undefined } | CodedError)[]> {
  const blocked = await store.setBlocked(orders.map(({ cardId }) => ({ cardId, isBlocked, atMs })));
  return orders.map(({ cardId, options }) => {
    if (!blocked.has(cardId)) return new CodedError('resource.not_found');
    const changedAt = new Date(atMs).toISOString();
    send(messages.cardStatusChanged, { cardId, isBlocked, changedAt }, options);
    return { cardId, blockedAt: blocked.get(cardId)?.toISOString() };
  });
}

import { messages, type ErrorCode } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import { fingerprint, type FieldKeys } from '@tallystick/security';
import { hasValidCheckDigit } from '../domain/card-number.ts';
import { NUMBER_PURPOSE } from '../vault.ts';
import type { CardStore } from './card-store.ts';

/** A card number that a third party exchanges for the card's id. */
export interface AskedToken {
  tokenizationId: string;
  /** Confidential. */
  number: string;
  options: SendOptions;
}

/**
 * Exchanges card numbers for the ids of their cards.
 * @returns the reason for which each request was refused, in their order; `undefined` if it was not
 */
export async function tokenize(
  store: CardStore,
  send: Send,
  asked: readonly AskedToken[],
  fieldKeys: FieldKeys,
): Promise<(ErrorCode | undefined)[]> {
  const prints = asked.map(({ number }) => fingerprint(fieldKeys, NUMBER_PURPOSE, number));
  const cards = await store.findByFingerprint(prints);
  return asked.map(({ tokenizationId, number, options }, at) => {
    const card = cards.get(prints[at]!.toString('hex'));
    if (card !== undefined) {
      const { cardId, last4 } = card;
      send(messages.cardTokenized, { tokenizationId, cardId, last4 }, options);
      return undefined;
    }
    const code = hasValidCheckDigit(number) ? 'card.not_found' : 'card.number_invalid';
    send(messages.cardTokenizeRejected, { tokenizationId, code }, options);
    return code;
  });
}

/** Refuses requests that arrived after they expired. A request has no effect, so a repeated answer is harmless. */
export function refuseExpiredTokens(send: Send, asked: readonly AskedToken[]): void {
  for (const { tokenizationId, options } of asked)
    send(messages.cardTokenizeRejected, { tokenizationId, code: 'envelope.expired' }, options);
}

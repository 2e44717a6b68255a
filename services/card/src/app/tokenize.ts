import { messages, type ErrorCode } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import { fingerprintsOf, type FieldKeys } from '@tallystick/security';
import type { Card } from '../domain/card.ts';
import { Misses } from '../domain/misses.ts';
import { NUMBER_PURPOSE } from '../vault.ts';
import type { CardStore } from './card-store.ts';

/** A card number that a third party exchanges for the card's id. */
export interface AskedToken {
  producerId: string;
  tokenizationId: string;
  /** Confidential. */
  number: string;
  options: SendOptions;
}

/**
 * Exchanges card numbers for the ids of their cards. Every number that no card has gets the same answer, and a producer
 * with too many of them gets no other answer on that day, so that nobody can search for a number.
 * @param fieldKeys held in this transaction
 * @returns the reason for which each request was refused, in their order; `undefined` if it was not
 */
export async function tokenize(
  store: CardStore,
  send: Send,
  asked: readonly AskedToken[],
  fieldKeys: FieldKeys,
  nowMs: number,
): Promise<(ErrorCode | undefined)[]> {
  const prints = asked.map(({ number }) => fingerprintsOf(fieldKeys.fingerprint, NUMBER_PURPOSE, number));
  const [cards, missesToday] = await Promise.all([
    store.findByFingerprint(prints.flat()),
    store.lockMisses(
      asked.map(({ producerId }) => producerId),
      nowMs,
    ),
  ]);
  const misses = new Misses(missesToday);
  const codes = asked.map((one, at): ErrorCode | undefined => {
    const { producerId, tokenizationId } = one;
    const isWithinLimit = misses.isWithinLimit(producerId);
    const card = isWithinLimit ? cardWith(cards, prints[at]!) : undefined;
    if (card !== undefined) {
      const { cardId, last4 } = card;
      send(messages.cardTokenized, { tokenizationId, cardId, last4 }, toProducer(one));
      return undefined;
    }
    if (isWithinLimit) misses.add(producerId);
    const code = isWithinLimit ? 'card.not_found' : 'card.misses_exceeded';
    send(messages.cardTokenizeRejected, { tokenizationId, code }, toProducer(one));
    return code;
  });
  store.addMisses(misses.added);
  return codes;
}

/** While a key is being replaced, a card's number has its fingerprint under any one of the keys. */
function cardWith(cards: ReadonlyMap<string, Card>, prints: readonly Buffer[]): Card | undefined {
  return prints.map((print) => cards.get(print.toString('hex'))).find((card) => card !== undefined);
}

/** Refuses requests that arrived after they expired. A request has no effect, so a repeated answer is harmless. */
export function refuseExpiredTokens(send: Send, asked: readonly AskedToken[]): void {
  for (const one of asked) {
    const { tokenizationId } = one;
    send(messages.cardTokenizeRejected, { tokenizationId, code: 'envelope.expired' }, toProducer(one));
  }
}

/** The answer goes to the producer that asked. */
function toProducer({ options, producerId }: AskedToken): SendOptions {
  return { ...options, recipients: [producerId] };
}

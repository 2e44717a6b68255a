import { messages, newId, type ErrorCode } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import { fingerprintsOf, type FieldKeys } from '@tallystick/security';
import type { Card } from '../domain/card.ts';
import { Misses } from '../domain/misses.ts';
import { NUMBER_PURPOSE } from '../vault.ts';
import type { CardStore } from './card-store.ts';

/** A card number that a third party exchanges for its token of the card. */
export interface AskedToken {
  producerId: string;
  tokenizationId: string;
  /** Confidential. */
  number: string;
  options: SendOptions;
}

/** An asked number with its card, or with the reason for which it is refused. */
type Answer = AskedToken & ({ card: Card } | { code: ErrorCode });

/**
 * Exchanges card numbers for tokens of their cards. A token is its producer's own: another producer gets another one.
 * Every number that no card has gets the same answer, and a producer with too many of them gets no other answer on that
 * day, so that nobody can search for a number.
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
  const answers = asked.map((one, at): Answer => {
    if (!misses.isWithinLimit(one.producerId)) return { ...one, code: 'card.misses_exceeded' };
    const card = cardWith(cards, prints[at]!);
    if (card !== undefined) return { ...one, card };
    misses.add(one.producerId);
    return { ...one, code: 'card.not_found' };
  });
  store.addMisses(misses.added);
  const tokens = await tokensOf(store, answers);
  return answers.map((answer) => {
    const { producerId, tokenizationId } = answer;
    if ('code' in answer) {
      send(messages.cardTokenizeRejected, { tokenizationId, code: answer.code }, toProducer(answer));
      return answer.code;
    }
    const { cardId, last4 } = answer.card;
    const cardToken = tokens.get(pairOf(producerId, cardId))!;
    send(messages.cardTokenized, { tokenizationId, cardToken, last4 }, toProducer(answer));
    return undefined;
  });
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

/** While a key is being replaced, a card's number has its fingerprint under any one of the keys. */
function cardWith(cards: ReadonlyMap<string, Card>, prints: readonly Buffer[]): Card | undefined {
  return prints.map((print) => cards.get(print.toString('hex'))).find((card) => card !== undefined);
}

async function tokensOf(store: CardStore, answers: readonly Answer[]): Promise<ReadonlyMap<string, string>> {
  const proposed = answers.flatMap((answer) => {
    if ('code' in answer) return [];
    const { producerId, card } = answer;
    return [{ producerId, cardId: card.cardId, token: newId('ctk') }];
  });
  const distinct = new Map(proposed.map((one) => [pairOf(one.producerId, one.cardId), one]));
  const tokens = await store.upsertTokens([...distinct.values()]);
  return new Map(tokens.map(({ producerId, cardId, token }) => [pairOf(producerId, cardId), token]));
}

function pairOf(producerId: string, cardId: string): string {
  return `${producerId} ${cardId}`;
}

import { insertRows, type Transaction } from '@tallystick/postgres';
import type { CardToken } from '../app/card-store.ts';

const tokenInsert = insertRows<CardToken>(
  'card_token_insert',
  'card_token',
  {
    producer_id: ['text', ({ producerId }) => producerId],
    card_id: ['text', ({ cardId }) => cardId],
    token: ['text', ({ token }) => token],
  },
  {
    // An update of nothing, because only a row that was inserted or updated is returned.
    orElse: `ON CONFLICT (producer_id, card_id) DO UPDATE SET token = card_token.token
             RETURNING producer_id AS "producerId", card_id AS "cardId", token`,
  },
);

/**
 * Inserts tokens for the pairs of producer and card that have none. It runs also if nothing was asked for: a batch
 * without a hit takes as many round trips as one with.
 * @param proposed at most one for each pair
 * @returns the token of each pair
 */
export async function upsertTokens(tx: Transaction, proposed: readonly CardToken[]): Promise<CardToken[]> {
  // In one order, so that two replicas do not wait for each other.
  const sorted = proposed.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const { rows } = await tx.query<CardToken>(tokenInsert(sorted));
  return rows;
}

function keyOf({ producerId, cardId }: CardToken): string {
  return `${producerId} ${cardId}`;
}

import type { Transaction } from '@tallystick/postgres';
import type { CardStore } from '../app/card-store.ts';
import { insertAuthorizations, lockAuthorizations, updateAuthorizations } from './authorizations.ts';
import { upsertTokens } from './card-tokens.ts';
import {
  addSpending,
  endIssuing,
  findByFingerprint,
  findSpending,
  insertCard,
  lockCards,
  setBlocked,
} from './cards.ts';
import { addMisses, lockMisses } from './misses.ts';

/** Creates the Postgres store of cards and authorizations: one statement for each table, for any batch size. */
export function cardStore(tx: Transaction): CardStore {
  return {
    async loadForRequests({ cardIds, authorizationIds }, nowMs) {
      const [cards, authorizations, spending] = await Promise.all([
        lockCards(tx, cardIds),
        lockAuthorizations(tx, authorizationIds),
        findSpending(tx, cardIds, nowMs),
      ]);
      return { cards, authorizations, spending };
    },
    saveDecided({ newAuthorizations, spent }) {
      insertAuthorizations(tx, newAuthorizations);
      addSpending(tx, spent);
    },
    loadAuthorizations: (authorizationIds) => lockAuthorizations(tx, authorizationIds),
    saveFollowed(changed, spent) {
      updateAuthorizations(tx, changed);
      addSpending(tx, spent);
    },
    insertCard: (card, secrets) => insertCard(tx, card, secrets),
    setBlocked: (changes) => setBlocked(tx, changes),
    endIssuing: (outcomes) => endIssuing(tx, outcomes),
    upsertTokens: (proposed) => upsertTokens(tx, proposed),
    lockMisses: (producerIds, nowMs) => lockMisses(tx, producerIds, nowMs),
    addMisses: (misses) => addMisses(tx, misses),
    findByFingerprint: (fingerprints) => findByFingerprint(tx, fingerprints),
  };
}

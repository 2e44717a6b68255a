import type { Spending } from '@tallystick/contracts';
import type { Authorization } from '../domain/authorization.ts';
import type { AuthorizationState } from '../domain/authorize.ts';
import type { Card, Reason } from '../domain/card.ts';
import type { BlockChange } from './block-cards.ts';
import type { VaultedNumber } from './key-store.ts';

/** The outcome of the mandate that a card was issued with. */
export interface MandateOutcome {
  mandateId: string;
  /** Why the mandate was refused; `undefined` if it was granted. */
  code: Reason | undefined;
}

/** The mandate and the number of a new card. */
export interface CardSecrets {
  mandateId: string;
  number: VaultedNumber;
  /** The number's fingerprints under all keys: another card may still have one under a replaced key. */
  fingerprints: readonly Buffer[];
}

/** The id by which a producer knows a card. */
export interface CardToken {
  producerId: string;
  cardId: string;
  token: string;
}

/** Storage of cards and authorizations, within one transaction. */
export interface CardStore {
  /** Loads all data that a batch of requests needs, and locks the cards and authorizations. */
  loadForRequests(
    names: { cardIds: string[]; authorizationIds: string[] },
    nowMs: number,
  ): Promise<AuthorizationState>;
  /** Saves the decisions, with one statement for each table. */
  saveDecided(decided: { newAuthorizations: readonly Authorization[]; spent: Spending }): void;
  /** Locks authorizations. */
  loadAuthorizations(authorizationIds: readonly string[]): Promise<Map<string, Authorization>>;
  /** Saves the outcomes of holds and the spending that they release. */
  saveFollowed(changed: readonly Authorization[], spent: Spending): void;
  /** Inserts a card. @returns `false` if another card has its number */
  insertCard(card: Card, secrets: CardSecrets): Promise<boolean>;
  /** Activates or refuses issued cards by the outcomes of their mandates. @returns the changed cards */
  endIssuing(outcomes: readonly MandateOutcome[]): Promise<{ mandateId: string; cardId: string }[]>;
  /** Blocks and unblocks cards. @returns since when each is blocked, by id; no entry for an unknown card */
  setBlocked(changes: readonly BlockChange[]): Promise<Map<string, Date | undefined>>;
  /** Finds cards by the fingerprints of their numbers, without decrypting them. Keyed by fingerprint in hex. */
  findByFingerprint(fingerprints: readonly Buffer[]): Promise<Map<string, Card>>;
  /** Inserts tokens for the pairs of producer and card that have none. @returns the token of each pair */
  upsertTokens(proposed: readonly CardToken[]): Promise<CardToken[]>;
  /** Locks the counters of producers. @returns how many numbers of each, on this UTC day, no card had */
  lockMisses(producerIds: readonly string[], nowMs: number): Promise<Map<string, number>>;
  /** Adds to counters that {@link lockMisses} locked. */
  addMisses(misses: ReadonlyMap<string, number>): void;
}

import type { Spending } from '@tallystick/contracts';
import type { EvidenceUse } from '@tallystick/security';
import type { Authorization } from '../domain/authorization.ts';
import type { AuthorizationState } from '../domain/authorize.ts';
import type { Card, Reason } from '../domain/card.ts';

/** What became of the mandate that a card was issued with. */
export interface MandateOutcome {
  mandateId: string;
  /** Why it was refused; `undefined` where it was granted. */
  code: Reason | undefined;
}

/** Where cards and authorizations are kept, within one transaction. */
export interface CardStore {
  /** Loads all that a batch of requests may touch, and locks the cards and authorizations. */
  loadForRequests(
    names: { cardIds: string[]; authorizationIds: string[]; evidence: EvidenceUse[] },
    nowMs: number,
  ): Promise<AuthorizationState>;
  /** Keeps what was decided: one statement a table. */
  saveDecided(decided: {
    newAuthorizations: readonly Authorization[];
    spent: Spending;
    evidence: readonly EvidenceUse[];
  }): void;
  /** Locks authorizations. */
  loadAuthorizations(authorizationIds: readonly string[]): Promise<Map<string, Authorization>>;
  /** Keeps what became of holds, and what is given back of the spending. */
  saveFollowed(changed: readonly Authorization[], spent: Spending): void;
  /** Adds a card. @returns `false` where another card has its number */
  insertCard(
    card: Card,
    secrets: { mandateId: string; numberEncrypted: Buffer; numberFingerprint: Buffer },
  ): Promise<boolean>;
  /** Activates or refuses issued cards by their mandates. @returns those that changed */
  endIssuing(outcomes: readonly MandateOutcome[]): Promise<{ mandateId: string; cardId: string }[]>;
  /** Finds cards by the fingerprints of their numbers, which stay unread. By fingerprint in hex. */
  findByFingerprint(fingerprints: readonly Buffer[]): Promise<Map<string, Card>>;
}

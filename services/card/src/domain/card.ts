import type { Currency, ErrorCode, Limits, Unrecognized } from '@tallystick/contracts';

/** The reason for a refusal, possibly one that only a later release knows. */
export type Reason = ErrorCode | Unrecognized;

/** A card without its number. */
export interface Card {
  cardId: string;
  ownerId: string;
  accountId: string;
  currency: Currency;
  limits: Limits;
  last4: string;
  /** Last month of use, `YYYY-MM` in UTC. */
  expiry: string;
  status: 'issued' | 'active' | 'refused';
  /** Why the ledger refused the card. */
  code: Reason | undefined;
  /** Since when an operator blocks it. */
  blockedAtMs: number | undefined;
  issuedAtMs: number;
}

import type { Currency, ErrorCode, Limits, Unrecognized } from '@tallystick/contracts';

/** Why something was refused, also by a reason of a later release. */
export type Reason = ErrorCode | Unrecognized;

/** A card as its rules see it. The number is not part of it. */
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
  /** Why the account refused the card. */
  code: Reason | undefined;
  issuedAtMs: number;
}

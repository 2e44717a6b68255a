import type { Currency, Limits } from '@tallystick/contracts';

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
  code: string | undefined;
  issuedAtMs: number;
}

/** A merchant's request and what became of it. */
export interface Authorization {
  authorizationId: string;
  cardId: string;
  paymentId: string;
  payeeAccountId: string;
  debitAccountId: string;
  holdId: string;
  amountMinor: bigint;
  clearedMinor: bigint;
  currency: Currency;
  status: 'requested' | 'approved' | 'declined' | 'ended';
  code: string | undefined;
  requestedAtMs: number;
}

/** What was authorized on cards in a UTC day or month, by {@link usageKey}. */
export type CardUsage = Map<string, bigint>;

export function usageKey(cardId: string, period: string): string {
  return `${cardId} ${period}`;
}

/** The UTC day and month of a moment. */
export function periodsOf(nowMs: number): { day: string; month: string } {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  return { day, month: day.slice(0, 7) };
}

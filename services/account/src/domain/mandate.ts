import {
  countSpending,
  isWithinLimits,
  type Currency,
  type ErrorCode,
  type Grantee,
  type Limits,
  type Spending,
} from '@tallystick/contracts';
import type { Hold } from './book.ts';

/** An owner's permission for a third party or a card to debit an account within limits, until it ends or is withdrawn. */
export interface Mandate {
  mandateId: string;
  accountId: string;
  ownerId: string;
  grantee: Grantee;
  currency: Currency;
  limits: Limits;
  /** The only accounts that may be paid; `undefined`: any account. */
  payeeAccountIds?: readonly string[] | undefined;
  /** When it ends; `undefined`: it lasts until withdrawn. */
  endsAtMs?: number | undefined;
  status: 'active' | 'withdrawn';
  grantedAtMs: number;
}

/** Builds the key of a grantee's mandate on an account. */
export function mandateKey(accountId: string, grantee: Grantee): string {
  return `${accountId} ${grantee.kind} ${grantee.id}`;
}

/** Returns the reason for which a mandate does not cover an amount now; `undefined` if it does. */
export function checkMandate(
  mandate: Mandate | undefined,
  spending: Spending,
  movement: { amountMinor: bigint; currency: Currency; creditAccountId: string },
  nowMs: number,
): ErrorCode | undefined {
  if (mandate === undefined || mandate.status !== 'active' || mandate.currency !== movement.currency)
    return 'mandate.missing';
  if (mandate.endsAtMs !== undefined && mandate.endsAtMs <= nowMs) return 'mandate.missing';
  if (mandate.payeeAccountIds?.includes(movement.creditAccountId) === false) return 'mandate.missing';
  return isWithinLimits(mandate.limits, spending, mandate.mandateId, movement.amountMinor, nowMs)
    ? undefined
    : 'mandate.limit_exceeded';
}

/**
 * Counts the change of a hold against the mandate of its order, in the day and the month of the order. A hold counts in
 * full while it is open, and then as far as it was posted.
 * @param before the hold before the change; `undefined` if it did not exist
 */
export function countHold(spending: Spending, before: Hold | undefined, after: Hold | undefined): void {
  if (after?.counted === undefined) return;
  const changeMinor = countedMinor(after) - (before === undefined ? 0n : countedMinor(before));
  if (changeMinor !== 0n) countSpending(spending, after.counted.mandateId, changeMinor, after.counted.atMs);
}

function countedMinor({ status, amountMinor, postedMinor }: Hold): bigint {
  return status === 'open' ? amountMinor : postedMinor;
}

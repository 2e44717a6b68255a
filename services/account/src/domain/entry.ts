import type { Currency, ErrorCode } from '@tallystick/contracts';

/** Minimum and maximum number of legs of an entry. */
export const LEGS_MIN = 2;
export const LEGS_MAX = 16;
/** Largest balance and largest sum of an entry's debits in one currency, in minor units; JSON represents it exactly. */
export const SUM_MAX_MINOR = BigInt(Number.MAX_SAFE_INTEGER);

/** One side of a requested entry. */
export interface Leg {
  accountId: string;
  /** Positive for a credit, negative for a debit. Never zero. */
  amountMinor: bigint;
  currency: Currency;
}

/** One side of an entry in the journal. */
export interface JournalLeg extends Leg {
  /** Number of the line on its account, from 1; `undefined` if the previous release posted it. */
  sequence: number | undefined;
}

/** The facts of an entry besides its legs. */
export interface EntryFacts {
  entryId: string;
  paymentId: string | undefined;
  /** The hold that the entry posts in full or in part. */
  holdId: string | undefined;
  authorizationId: string | undefined;
  refund: boolean;
}

/** A movement of money: legs that sum to zero in each currency. It is never changed or deleted. */
export interface JournalEntry extends EntryFacts {
  /** Debits first; each side is ordered by account. */
  legs: readonly JournalLeg[];
  postedAtMs: number;
}

/** A leg with the resulting balance of its account. */
export interface JournalLine {
  entry: JournalEntry;
  leg: JournalLeg;
  balanceMinor: bigint;
}

/** An entry of two legs, which moves one amount from one account to another. */
export interface Transfer {
  transferId: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: bigint;
  currency: Currency;
}

/**
 * Returns the error code of legs that form no valid entry. `ledger.entry_legs_invalid`: too few or too many legs, an
 * amount of zero, or an account that appears twice; one line for each account keeps the balance after an entry
 * unambiguous. `ledger.balance_limit_exceeded`: a sum is too large for JSON. `ledger.entry_unbalanced`: a currency does
 * not sum to zero.
 */
export function faultOfLegs(legs: readonly Leg[]): ErrorCode | undefined {
  if (legs.length < LEGS_MIN || legs.length > LEGS_MAX) return 'ledger.entry_legs_invalid';
  const accountIds = new Set(legs.map(({ accountId }) => accountId));
  if (accountIds.size < legs.length || legs.some(({ amountMinor }) => amountMinor === 0n))
    return 'ledger.entry_legs_invalid';
  const debits = new Map<Currency, bigint>();
  const sums = new Map<Currency, bigint>();
  for (const { amountMinor, currency } of legs) {
    sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
    if (amountMinor < 0n) debits.set(currency, (debits.get(currency) ?? 0n) - amountMinor);
  }
  if ([...sums.values()].some((sum) => sum !== 0n)) return 'ledger.entry_unbalanced';
  return [...debits.values()].some((sum) => sum > SUM_MAX_MINOR)
    ? 'ledger.balance_limit_exceeded'
    : undefined;
}

/** Returns legs in the canonical order of an entry, so that equal entries compare equal in any requested order. */
export function inOrder<L extends Leg>(legs: readonly L[]): L[] {
  return legs.toSorted((one, other) => {
    if (one.amountMinor < 0n !== other.amountMinor < 0n) return one.amountMinor < 0n ? -1 : 1;
    return one.accountId < other.accountId ? -1 : 1;
  });
}

/** Returns the two legs of a transfer. */
export function legsOf({
  debitAccountId,
  creditAccountId,
  amountMinor,
  currency,
}: Omit<Transfer, 'transferId'>): [debit: Leg, credit: Leg] {
  return [
    { accountId: debitAccountId, amountMinor: -amountMinor, currency },
    { accountId: creditAccountId, amountMinor, currency },
  ];
}

/** Returns the transfer of a two-leg entry, or `undefined` if it has more legs. */
export function transferOf({ entryId, legs }: Pick<JournalEntry, 'entryId' | 'legs'>): Transfer | undefined {
  const [debit, credit] = legs;
  if (legs.length !== 2 || debit === undefined || credit === undefined) return undefined;
  return {
    transferId: entryId,
    debitAccountId: debit.accountId,
    creditAccountId: credit.accountId,
    amountMinor: credit.amountMinor,
    currency: credit.currency,
  };
}

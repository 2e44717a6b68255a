import type { Currency, ErrorCode } from '@tallystick/contracts';

/** Fewest and most legs of an entry. */
export const LEGS_MIN = 2;
export const LEGS_MAX = 16;
/** Largest balance, and largest sum of an entry's debits in one currency, in minor units: the most that JSON carries exactly. */
export const SUM_MAX_MINOR = BigInt(Number.MAX_SAFE_INTEGER);

/** One side of an entry, as it is asked for. */
export interface Leg {
  accountId: string;
  /** Positive: a credit; negative: a debit. Never zero. */
  amountMinor: bigint;
  currency: Currency;
}

/** One side of an entry in the journal. */
export interface JournalLeg extends Leg {
  /** Number of the line among those of its account, from 1; `undefined` where the previous release posted it. */
  sequence: number | undefined;
}

/** What an entry is for. */
export interface EntryFacts {
  entryId: string;
  paymentId: string | undefined;
  /** The hold that the entry posts, whole or in part. */
  holdId: string | undefined;
  authorizationId: string | undefined;
  refund: boolean;
}

/** Money that moved: legs that sum to zero in each currency. Never changed, never deleted. */
export interface JournalEntry extends EntryFacts {
  /** Debits first, each side by account. */
  legs: readonly JournalLeg[];
  postedAtMs: number;
}

/** A leg with the balance that it left on its account. */
export interface JournalLine {
  entry: JournalEntry;
  leg: JournalLeg;
  balanceMinor: bigint;
}

/** An entry of two legs: one amount from one account to another. */
export interface Transfer {
  transferId: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: bigint;
  currency: Currency;
}

/**
 * Why legs make no entry: `ledger.entry_legs_invalid` where there are too few or too many, an amount is zero, or an account
 * stands there twice: one line a side keeps "the balance that the entry left" one number. `ledger.balance_limit_exceeded`
 * where a sum is too large for JSON; `ledger.entry_unbalanced` where a currency does not sum to zero.
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

/** Legs in the order in which an entry keeps them: two entries of the same legs are alike however they were asked for. */
export function inOrder<L extends Leg>(legs: readonly L[]): L[] {
  return legs.toSorted((one, other) => {
    if (one.amountMinor < 0n !== other.amountMinor < 0n) return one.amountMinor < 0n ? -1 : 1;
    return one.accountId < other.accountId ? -1 : 1;
  });
}

/** The two legs of a transfer. */
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

/** The transfer that an entry is, or `undefined` where it has more than two legs. */
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

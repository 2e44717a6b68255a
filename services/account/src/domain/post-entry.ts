import {
  available,
  changeAccount,
  paidKey,
  refuse,
  type Account,
  type Book,
  type BookChanges,
  type Refusal,
} from './book.ts';
import {
  SUM_MAX_MINOR,
  transferOf,
  type EntryFacts,
  type JournalEntry,
  type JournalLeg,
  type Leg,
} from './entry.ts';

/** The amount that an entry subtracts from the pending amount of the account whose hold it posts. */
export interface Release {
  accountId: string;
  amountMinor: bigint;
}

/**
 * Posts an entry completely or not at all. `faultOfLegs` must have accepted the legs.
 * @param postedAtMs the time of the batch
 * @returns the entry, or the refusal, with the book unchanged: `ledger.account_not_found`, `ledger.account_not_open`,
 * `ledger.currency_mismatch`, `ledger.insufficient_funds`, `ledger.balance_limit_exceeded`. The reason does not depend
 * on the order of the legs.
 */
export function postEntry(
  book: Book,
  posting: BookChanges,
  facts: EntryFacts,
  legs: readonly Leg[],
  postedAtMs: number,
  release?: Release,
): JournalEntry | Refusal {
  const accounts = partiesOf(book, legs);
  if ('code' in accounts) return accounts;
  if (!legs.every((leg, at) => covers(accounts[at]!, leg, release)))
    return refuse('ledger.insufficient_funds');
  if (!legs.every((leg, at) => staysWithinLimit(accounts[at]!, leg, release)))
    return refuse('ledger.balance_limit_exceeded');
  return writeEntry(
    book,
    posting,
    { ...facts, postedAtMs, legs: numbered(legs, accounts) },
    accounts,
    release,
  );
}

/**
 * Returns the accounts of legs, in their order, if each may be debited or credited as its leg requires.
 * @returns otherwise `ledger.account_not_found`, `ledger.account_not_open` or `ledger.currency_mismatch`
 */
export function partiesOf(book: Book, legs: readonly Leg[]): Account[] | Refusal {
  const accounts: Account[] = [];
  for (const { accountId } of legs) {
    const account = book.accounts.get(accountId);
    if (account === undefined) return refuse('ledger.account_not_found');
    accounts.push(account);
  }
  if (!legs.every(({ amountMinor }, at) => takesPart(accounts[at]!, amountMinor)))
    return refuse('ledger.account_not_open');
  return legs.every(({ currency }, at) => accounts[at]!.currency === currency)
    ? accounts
    : refuse('ledger.currency_mismatch');
}

/**
 * Writes a decided entry; only this function changes posted balances.
 * @param accounts of the legs, in their order
 */
export function writeEntry(
  book: Book,
  posting: BookChanges,
  entry: JournalEntry,
  accounts: readonly Account[],
  release?: Release,
): JournalEntry {
  entry.legs.forEach((leg, at) => {
    const account = accounts[at]!;
    const balanceMinor = account.postedMinor + leg.amountMinor;
    posting.lines.push({ entry, leg, balanceMinor });
    changeAccount(book, posting, {
      ...account,
      postedMinor: balanceMinor,
      pendingMinor: account.pendingMinor - releasedBy(release, leg),
      sequence: leg.sequence ?? account.sequence,
      postedAtMs: Math.max(account.postedAtMs, entry.postedAtMs),
    });
  });
  posting.entries.push(entry);
  book.entries.set(entry.entryId, entry);
  countPaid(book, entry);
  return entry;
}

function numbered(legs: readonly Leg[], accounts: readonly Account[]): JournalLeg[] {
  return legs.map(({ accountId, amountMinor, currency }, at) => ({
    accountId,
    amountMinor,
    currency,
    sequence: accounts[at]!.sequence + 1,
  }));
}

function takesPart({ status }: Account, amountMinor: bigint): boolean {
  return amountMinor < 0n ? status === 'open' : status !== 'closed';
}

function covers(account: Account, leg: Leg, release: Release | undefined): boolean {
  const takenMinor = -leg.amountMinor - releasedBy(release, leg);
  return (
    takenMinor <= 0n ||
    account.minimumBalanceMinor === null ||
    available(account) - takenMinor >= account.minimumBalanceMinor
  );
}

/** A hold reserved its amount within the limit, so its posting never exceeds the limit of the debit account. */
function staysWithinLimit(account: Account, leg: Leg, release: Release | undefined): boolean {
  if (leg.amountMinor > 0n) return account.postedMinor + leg.amountMinor <= SUM_MAX_MINOR;
  const takenMinor = -leg.amountMinor - releasedBy(release, leg);
  return takenMinor <= 0n || available(account) - takenMinor >= -SUM_MAX_MINOR;
}

/** Returns the pending amount that an entry releases on the account of a leg. */
function releasedBy(release: Release | undefined, { accountId }: Leg): bigint {
  return release?.accountId === accountId ? release.amountMinor : 0n;
}

function countPaid(book: Book, entry: JournalEntry): void {
  const transfer = entry.paymentId === undefined ? undefined : transferOf(entry);
  if (transfer === undefined) return;
  const { debitAccountId, creditAccountId, amountMinor } = transfer;
  const [payer, payee] = entry.refund ? [creditAccountId, debitAccountId] : [debitAccountId, creditAccountId];
  const key = paidKey(entry.paymentId!, payer, payee);
  const { paidMinor, refundedMinor } = book.paid.get(key) ?? { paidMinor: 0n, refundedMinor: 0n };
  book.paid.set(
    key,
    entry.refund
      ? { paidMinor, refundedMinor: refundedMinor + amountMinor }
      : { paidMinor: paidMinor + amountMinor, refundedMinor },
  );
}

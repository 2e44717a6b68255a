import {
  addHold,
  changeAccount,
  changeHold,
  type Book,
  type BookChanges,
  type Counted,
  type Hold,
} from './book.ts';
import type { JournalEntry } from './entry.ts';
import { writeEntry } from './post-entry.ts';

/** The authority of a published movement, as far as a restored ledger needs it. */
export interface FactAuthority {
  wish?: string | undefined;
  counted?: Counted | undefined;
}

/** A fact that the ledger published and a restored book may lack. */
export type LedgerFact =
  | { kind: 'placed'; hold: Hold; decidedBy: FactAuthority }
  | { kind: 'posted'; entry: JournalEntry; decidedBy: FactAuthority }
  | {
      kind: 'ended';
      holdId: string;
      debitAccountId: string;
      how: 'posted' | 'voided' | 'expired';
      endedAtMs: number;
    };

/**
 * Writes a fact into a restored book that lacks it. The fact was decided before, so authority, balance and expiry are
 * not checked again; an entry keeps its time, and its lines keep their numbers. A known fact changes nothing.
 * @returns `no_account` if the book lacks an account of the fact; nothing is written
 */
export function replayFact(
  book: Book,
  posting: BookChanges,
  fact: LedgerFact,
): 'replayed' | 'known' | 'no_account' {
  switch (fact.kind) {
    case 'placed':
      return replayHold(book, posting, fact.hold);
    case 'posted':
      return replayEntry(book, posting, fact.entry);
    case 'ended': {
      const { holdId, how, endedAtMs } = fact;
      const hold = book.holds.get(holdId);
      if (hold === undefined || hold.status !== 'open') return 'known';
      const debit = book.accounts.get(hold.debitAccountId);
      if (debit === undefined) return 'no_account';
      changeHold(book, posting, { ...hold, status: how, endedAtMs });
      changeAccount(book, posting, {
        ...debit,
        pendingMinor: debit.pendingMinor - (hold.amountMinor - hold.postedMinor),
        postedAtMs: Math.max(debit.postedAtMs, endedAtMs),
      });
      return 'replayed';
    }
  }
}

function replayHold(book: Book, posting: BookChanges, hold: Hold): 'replayed' | 'known' | 'no_account' {
  if (book.holds.has(hold.holdId)) return 'known';
  const debit = book.accounts.get(hold.debitAccountId);
  if (debit === undefined) return 'no_account';
  changeAccount(book, posting, {
    ...debit,
    pendingMinor: debit.pendingMinor + hold.amountMinor,
    postedAtMs: Math.max(debit.postedAtMs, hold.placedAtMs),
  });
  addHold(book, posting, hold);
  return 'replayed';
}

function replayEntry(
  book: Book,
  posting: BookChanges,
  entry: JournalEntry,
): 'replayed' | 'known' | 'no_account' {
  if (book.entries.has(entry.entryId)) return 'known';
  const accounts = entry.legs.map(({ accountId }) => book.accounts.get(accountId));
  if (!accounts.every((account) => account !== undefined)) return 'no_account';
  // Events of the previous release have no line numbers and may sort out of order, so a number in use is never assigned
  // again.
  const legs = entry.legs.map((leg, at) => ({
    ...leg,
    sequence: Math.max(leg.sequence ?? 0, accounts[at]!.sequence + 1),
  }));
  const amountMinor = legs.reduce((sum, leg) => (leg.amountMinor > 0n ? sum + leg.amountMinor : sum), 0n);
  const hold = entry.holdId === undefined ? undefined : book.holds.get(entry.holdId);
  if (hold === undefined) {
    writeEntry(book, posting, { ...entry, legs }, accounts);
    return 'replayed';
  }
  // An ended hold has already released its full amount, including this part. An end may precede a part that the
  // previous release posted, because its event has no time.
  const release = hold.status === 'open' ? { accountId: hold.debitAccountId, amountMinor } : undefined;
  writeEntry(book, posting, { ...entry, legs }, accounts, release);
  changeHold(book, posting, { ...hold, postedMinor: hold.postedMinor + amountMinor });
  return 'replayed';
}

import type { Book, Hold, Transfer } from './book.ts';
import { move, type Posting } from './ledger.ts';

/** What the ledger told of itself, and a set-back book may have forgotten. */
export type LedgerFact =
  | { kind: 'placed'; hold: Hold }
  | { kind: 'posted'; transfer: Transfer }
  | { kind: 'ended'; hold: Hold; how: 'posted' | 'voided' | 'expired' };

/**
 * Takes a fact over into a book that has forgotten it. It was decided then: nothing is asked about authority, balance or
 * time. A fact that the book knows changes nothing.
 * @returns whether it was forgotten; `no_account` where nobody told of an account of it, and nothing is taken over then
 */
export function recall(book: Book, posting: Posting, fact: LedgerFact): 'recalled' | 'known' | 'no_account' {
  switch (fact.kind) {
    case 'placed': {
      if (book.holds.has(fact.hold.holdId)) return 'known';
      const hold: Hold = { ...fact.hold, postedMinor: 0n, status: 'open' };
      const debit = book.accounts.get(hold.debitAccountId);
      if (debit === undefined) return 'no_account';
      debit.pendingMinor += hold.amountMinor;
      book.holds.set(hold.holdId, hold);
      posting.newHolds.push(hold);
      posting.changedAccounts.add(debit);
      return 'recalled';
    }
    case 'posted': {
      const { transfer } = fact;
      if (book.transfers.has(transfer.transferId)) return 'known';
      const debit = book.accounts.get(transfer.debitAccountId);
      const credit = book.accounts.get(transfer.creditAccountId);
      if (debit === undefined || credit === undefined) return 'no_account';
      const hold = transfer.holdId === undefined ? undefined : book.holds.get(transfer.holdId);
      if (hold !== undefined) {
        hold.postedMinor += transfer.amountMinor;
        debit.pendingMinor -= transfer.amountMinor;
        posting.changedHolds.add(hold);
      }
      move(book, posting, { debit, credit }, transfer);
      return 'recalled';
    }
    case 'ended': {
      const hold = book.holds.get(fact.hold.holdId);
      if (hold === undefined || hold.status !== 'open') return 'known';
      const debit = book.accounts.get(hold.debitAccountId);
      if (debit === undefined) return 'no_account';
      debit.pendingMinor -= hold.amountMinor - hold.postedMinor;
      hold.status = fact.how;
      posting.changedHolds.add(hold);
      posting.changedAccounts.add(debit);
      return 'recalled';
    }
  }
}

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
 * @returns whether it was forgotten
 * @throws Error where an account of it is unknown: facts are told in the order in which they came about
 */
export function recall(book: Book, posting: Posting, fact: LedgerFact): boolean {
  switch (fact.kind) {
    case 'placed': {
      if (book.holds.has(fact.hold.holdId)) return false;
      const hold: Hold = { ...fact.hold, postedMinor: 0n, status: 'open' };
      const debit = accountOf(book, hold.debitAccountId);
      debit.pendingMinor += hold.amountMinor;
      book.holds.set(hold.holdId, hold);
      posting.newHolds.push(hold);
      posting.changedAccounts.add(debit);
      return true;
    }
    case 'posted': {
      const { transfer } = fact;
      if (book.transfers.has(transfer.transferId)) return false;
      const debit = accountOf(book, transfer.debitAccountId);
      const credit = accountOf(book, transfer.creditAccountId);
      const hold = transfer.holdId === undefined ? undefined : book.holds.get(transfer.holdId);
      if (hold !== undefined) {
        hold.postedMinor += transfer.amountMinor;
        debit.pendingMinor -= transfer.amountMinor;
        posting.changedHolds.add(hold);
      }
      move(book, posting, { debit, credit }, transfer);
      return true;
    }
    case 'ended': {
      const hold = book.holds.get(fact.hold.holdId);
      if (hold === undefined || hold.status !== 'open') return false;
      const debit = accountOf(book, hold.debitAccountId);
      debit.pendingMinor -= hold.amountMinor - hold.postedMinor;
      hold.status = fact.how;
      posting.changedHolds.add(hold);
      posting.changedAccounts.add(debit);
      return true;
    }
  }
}

function accountOf(
  book: Book,
  accountId: string,
): Book['accounts'] extends Map<string, infer One> ? One : never {
  const account = book.accounts.get(accountId);
  if (account === undefined) throw new Error(`${accountId} is told of, and nobody opened it`);
  return account;
}

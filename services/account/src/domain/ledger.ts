import type { ErrorCode } from '@tallystick/contracts';
import {
  available,
  paidKey,
  type Account,
  type Book,
  type Entry,
  type Hold,
  type LedgerCommand,
  type LedgerResult,
  type Transfer,
} from './book.ts';

/** What a batch of commands changed, for one statement a table. */
export interface Posting {
  transfers: Transfer[];
  entries: Entry[];
  newHolds: Hold[];
  changedHolds: Set<Hold>;
  changedAccounts: Set<Account>;
}

export function emptyPosting(): Posting {
  return { transfers: [], entries: [], newHolds: [], changedHolds: new Set(), changedAccounts: new Set() };
}

/**
 * Carries out one command on the book: the deterministic core of the ledger. It reads no clock and makes no id.
 * A command that is refused leaves the book as it was. Money is only ever moved: what one account loses, another gains.
 * @param nowMs the time of the batch
 */
export function apply(book: Book, posting: Posting, command: LedgerCommand, nowMs: number): LedgerResult {
  switch (command.kind) {
    case 'hold':
      return placeHold(book, posting, command);
    case 'post':
      return postHold(book, posting, command, nowMs);
    case 'void':
      return endHold(book, posting, command, 'voided');
    case 'expire':
      return endHold(book, posting, command, 'expired');
    case 'transfer':
      return transfer(book, posting, command);
  }
}

type CommandOf<Kind> = Extract<LedgerCommand, { kind: Kind }>;

function placeHold(book: Book, posting: Posting, command: CommandOf<'hold'>): LedgerResult {
  if (book.holds.has(command.holdId)) return refuse('ledger.id_reused');
  const parties = findParties(book, command);
  if ('code' in parties) return parties;
  if (!covers(parties.debit, command.amountMinor)) return refuse('ledger.insufficient_funds');
  const { kind: _kind, ...facts } = command;
  const hold: Hold = { ...facts, postedMinor: 0n, status: 'open' };
  parties.debit.pendingMinor += command.amountMinor;
  book.holds.set(hold.holdId, hold);
  posting.newHolds.push(hold);
  posting.changedAccounts.add(parties.debit);
  return { ok: true, hold };
}

function postHold(book: Book, posting: Posting, command: CommandOf<'post'>, nowMs: number): LedgerResult {
  const hold = book.holds.get(command.holdId);
  if (hold === undefined || hold.debitAccountId !== command.debitAccountId)
    return refuse('ledger.hold_not_found');
  if (book.transfers.has(command.transferId)) return refuse('ledger.id_reused');
  if (hold.status !== 'open' || hold.expiresAtMs <= nowMs) return refuse('ledger.hold_ended');
  const leftMinor = hold.amountMinor - hold.postedMinor;
  if (command.amountMinor > leftMinor) return refuse('ledger.hold_exceeded');
  const parties = findParties(book, hold);
  if ('code' in parties) return parties;

  hold.postedMinor += command.amountMinor;
  parties.debit.pendingMinor -= command.amountMinor;
  const moved = move(book, posting, parties, {
    transferId: command.transferId,
    debitAccountId: hold.debitAccountId,
    creditAccountId: hold.creditAccountId,
    amountMinor: command.amountMinor,
    currency: hold.currency,
    paymentId: hold.paymentId,
    holdId: hold.holdId,
    authorizationId: hold.authorizationId,
    refund: false,
  });
  posting.changedHolds.add(hold);
  const releasedMinor = leftMinor - command.amountMinor;
  if (!command.final && releasedMinor > 0n) return { ok: true, transfer: moved };
  hold.status = 'posted';
  parties.debit.pendingMinor -= releasedMinor;
  return { ok: true, transfer: moved, ended: { hold, releasedMinor } };
}

function endHold(
  book: Book,
  posting: Posting,
  command: CommandOf<'void' | 'expire'>,
  how: 'voided' | 'expired',
): LedgerResult {
  const hold = book.holds.get(command.holdId);
  if (hold === undefined || hold.debitAccountId !== command.debitAccountId)
    return refuse('ledger.hold_not_found');
  if (hold.status !== 'open') return refuse('ledger.hold_ended');
  const debit = book.accounts.get(hold.debitAccountId);
  if (debit === undefined) return refuse('ledger.account_not_found');
  const releasedMinor = hold.amountMinor - hold.postedMinor;
  hold.status = how;
  debit.pendingMinor -= releasedMinor;
  posting.changedHolds.add(hold);
  posting.changedAccounts.add(debit);
  return { ok: true, ended: { hold, releasedMinor } };
}

function transfer(book: Book, posting: Posting, command: CommandOf<'transfer'>): LedgerResult {
  if (book.transfers.has(command.transferId)) return refuse('ledger.id_reused');
  const parties = findParties(book, command);
  if ('code' in parties) return parties;
  if (!covers(parties.debit, command.amountMinor)) return refuse('ledger.insufficient_funds');
  if (command.refund) {
    const paid = book.paid.get(
      paidKey(command.paymentId ?? '', command.creditAccountId, command.debitAccountId),
    );
    if (paid === undefined || paid.refundedMinor + command.amountMinor > paid.paidMinor)
      return refuse('ledger.correction_exceeded');
  }
  const { kind: _kind, ...facts } = command;
  return {
    ok: true,
    transfer: move(book, posting, parties, { ...facts, holdId: undefined, authorizationId: undefined }),
  };
}

function findParties(
  book: Book,
  movement: { debitAccountId: string; creditAccountId: string; currency: string },
): { debit: Account; credit: Account } | { ok: false; code: ErrorCode } {
  if (movement.debitAccountId === movement.creditAccountId) return refuse('ledger.same_account');
  const debit = book.accounts.get(movement.debitAccountId);
  const credit = book.accounts.get(movement.creditAccountId);
  if (debit === undefined || credit === undefined) return refuse('ledger.account_not_found');
  if (debit.status !== 'open' || credit.status === 'closed') return refuse('ledger.account_not_open');
  if (debit.currency !== movement.currency || credit.currency !== movement.currency)
    return refuse('ledger.currency_mismatch');
  return { debit, credit };
}

function covers(account: Account, amountMinor: bigint): boolean {
  return account.floorMinor === null || available(account) - amountMinor >= account.floorMinor;
}

/** The one place where balances change: a debit and a credit of the same amount. */
export function move(
  book: Book,
  posting: Posting,
  { debit, credit }: { debit: Account; credit: Account },
  moved: Transfer,
): Transfer {
  debit.postedMinor -= moved.amountMinor;
  credit.postedMinor += moved.amountMinor;
  book.transfers.set(moved.transferId, moved);
  if (moved.paymentId !== undefined) countPaid(book, moved, moved.paymentId);
  posting.transfers.push(moved);
  posting.entries.push(
    {
      accountId: debit.accountId,
      transferId: moved.transferId,
      amountMinor: -moved.amountMinor,
      balanceMinor: debit.postedMinor,
    },
    {
      accountId: credit.accountId,
      transferId: moved.transferId,
      amountMinor: moved.amountMinor,
      balanceMinor: credit.postedMinor,
    },
  );
  posting.changedAccounts.add(debit).add(credit);
  return moved;
}

function countPaid(
  book: Book,
  { debitAccountId, creditAccountId, amountMinor, refund }: Transfer,
  paymentId: string,
): void {
  const [payer, payee] = refund ? [creditAccountId, debitAccountId] : [debitAccountId, creditAccountId];
  const key = paidKey(paymentId, payer, payee);
  const paid = book.paid.get(key) ?? { paidMinor: 0n, refundedMinor: 0n };
  if (refund) paid.refundedMinor += amountMinor;
  else paid.paidMinor += amountMinor;
  book.paid.set(key, paid);
}

function refuse(code: ErrorCode): { ok: false; code: ErrorCode } {
  return { ok: false, code };
}

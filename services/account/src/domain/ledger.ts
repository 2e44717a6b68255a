import type { BatchTime } from './batch-time.ts';
import {
  addHold,
  available,
  changeAccount,
  changeHold,
  paidKey,
  refuse,
  type Book,
  type CommandOf,
  type Hold,
  type LedgerCommand,
  type LedgerResult,
  type BookChanges,
} from './book.ts';
import { faultOfLegs, inOrder, legsOf, SUM_MAX_MINOR, type EntryFacts, type Leg } from './entry.ts';
import { partiesOf, postEntry } from './post-entry.ts';

/** Longest time that a hold may last, in milliseconds. Nobody's money is held longer, whatever a command asks for. */
export const HOLD_LIFETIME_MAX_MS = 7 * 86_400_000;

/**
 * Carries out one command on the book: the deterministic core of the ledger. It reads no clock and creates no ids. A
 * refused command leaves the book unchanged. Money is only moved: the gains and losses of accounts sum to zero.
 */
export function apply(
  book: Book,
  posting: BookChanges,
  command: LedgerCommand,
  time: BatchTime,
): LedgerResult {
  switch (command.kind) {
    case 'hold':
      return placeHold(book, posting, command, time);
    case 'post':
      return postHold(book, posting, command, time);
    case 'void':
      return endHold(book, posting, command, 'voided', time);
    case 'expire':
      return endHold(book, posting, command, 'expired', time);
    case 'transfer':
      return transfer(book, posting, command, time);
    case 'entry':
      return enter(book, posting, command, time);
  }
}

function placeHold(
  book: Book,
  posting: BookChanges,
  command: CommandOf<'hold'>,
  { postedAtMs }: BatchTime,
): LedgerResult {
  if (book.holds.has(command.holdId)) return refuse('ledger.id_reused');
  const legs = legsBetween(command);
  if ('code' in legs) return legs;
  const accounts = partiesOf(book, legs);
  if ('code' in accounts) return accounts;
  const debit = accounts[0]!;
  const leftMinor = available(debit) - command.amountMinor;
  if (debit.minimumBalanceMinor !== null && leftMinor < debit.minimumBalanceMinor)
    return refuse('ledger.insufficient_funds');
  const pendingMinor = debit.pendingMinor + command.amountMinor;
  if (leftMinor < -SUM_MAX_MINOR || pendingMinor > SUM_MAX_MINOR)
    return refuse('ledger.balance_limit_exceeded');
  const { kind: _kind, capturer, counted, ...facts } = command;
  const hold: Hold = {
    ...facts,
    capturer,
    counted,
    expiresAtMs: Math.min(command.expiresAtMs, postedAtMs + HOLD_LIFETIME_MAX_MS),
    postedMinor: 0n,
    status: 'open',
    placedAtMs: postedAtMs,
    endedAtMs: undefined,
  };
  changeAccount(book, posting, { ...debit, pendingMinor, postedAtMs });
  addHold(book, posting, hold);
  return { ok: true, hold };
}

function postHold(
  book: Book,
  posting: BookChanges,
  command: CommandOf<'post'>,
  { nowMs, postedAtMs }: BatchTime,
): LedgerResult {
  const { transferId, amountMinor } = command;
  const hold = book.holds.get(command.holdId);
  if (hold === undefined || hold.debitAccountId !== command.debitAccountId)
    return refuse('ledger.hold_not_found');
  if (book.entries.has(transferId)) return refuse('ledger.id_reused');
  if (hold.status !== 'open' || hold.expiresAtMs <= nowMs) return refuse('ledger.hold_ended');
  const leftMinor = hold.amountMinor - hold.postedMinor;
  if (amountMinor > leftMinor) return refuse('ledger.hold_exceeded');
  const legs = legsBetween({ ...hold, amountMinor });
  if ('code' in legs) return legs;

  const ends = command.final || amountMinor === leftMinor;
  const entry = postEntry(
    book,
    posting,
    {
      entryId: transferId,
      paymentId: hold.paymentId,
      holdId: hold.holdId,
      authorizationId: hold.authorizationId,
      refund: false,
    },
    legs,
    postedAtMs,
    { accountId: hold.debitAccountId, amountMinor: ends ? leftMinor : amountMinor },
  );
  if ('code' in entry) return entry;
  const postedMinor = hold.postedMinor + amountMinor;
  const posted: Hold = ends
    ? { ...hold, postedMinor, status: 'posted', endedAtMs: postedAtMs }
    : { ...hold, postedMinor };
  changeHold(book, posting, posted);
  return ends
    ? { ok: true, entry, ended: { hold: posted, releasedMinor: leftMinor - amountMinor } }
    : { ok: true, entry };
}

function endHold(
  book: Book,
  posting: BookChanges,
  command: CommandOf<'void' | 'expire'>,
  how: 'voided' | 'expired',
  { postedAtMs }: BatchTime,
): LedgerResult {
  const hold = book.holds.get(command.holdId);
  if (hold === undefined || hold.debitAccountId !== command.debitAccountId)
    return refuse('ledger.hold_not_found');
  if (hold.status !== 'open') return refuse('ledger.hold_ended');
  const debit = book.accounts.get(hold.debitAccountId);
  if (debit === undefined) return refuse('ledger.account_not_found');
  const releasedMinor = hold.amountMinor - hold.postedMinor;
  const ended: Hold = { ...hold, status: how, endedAtMs: postedAtMs };
  changeHold(book, posting, ended);
  changeAccount(book, posting, { ...debit, pendingMinor: debit.pendingMinor - releasedMinor, postedAtMs });
  return { ok: true, ended: { hold: ended, releasedMinor } };
}

function transfer(
  book: Book,
  posting: BookChanges,
  command: CommandOf<'transfer'>,
  { postedAtMs }: BatchTime,
): LedgerResult {
  const { transferId, amountMinor, paymentId, refund } = command;
  if (book.entries.has(transferId)) return refuse('ledger.id_reused');
  const legs = legsBetween(command);
  if ('code' in legs) return legs;
  const facts: EntryFacts = {
    entryId: transferId,
    paymentId,
    holdId: undefined,
    authorizationId: undefined,
    refund,
  };
  if (refund) {
    const paid = book.paid.get(paidKey(paymentId ?? '', command.creditAccountId, command.debitAccountId));
    if (paid === undefined || paid.refundedMinor + amountMinor > paid.paidMinor)
      return refuse('refund.exceeds_payment');
  }
  const entry = postEntry(book, posting, facts, legs, postedAtMs);
  return 'code' in entry ? entry : { ok: true, entry };
}

function enter(
  book: Book,
  posting: BookChanges,
  { entryId, legs, paymentId }: CommandOf<'entry'>,
  { postedAtMs }: BatchTime,
): LedgerResult {
  if (book.entries.has(entryId)) return refuse('ledger.id_reused');
  const fault = faultOfLegs(legs);
  if (fault !== undefined) return refuse(fault);
  const facts: EntryFacts = {
    entryId,
    paymentId,
    holdId: undefined,
    authorizationId: undefined,
    refund: false,
  };
  const entry = postEntry(book, posting, facts, inOrder(legs), postedAtMs);
  return 'code' in entry ? entry : { ok: true, entry };
}

/** Returns the legs of one amount from one account to another; they sum to zero by construction. */
function legsBetween(
  movement: Parameters<typeof legsOf>[0],
): readonly [debit: Leg, credit: Leg] | ReturnType<typeof refuse> {
  if (movement.debitAccountId === movement.creditAccountId) return refuse('ledger.same_account');
  if (movement.amountMinor <= 0n) return refuse('ledger.entry_legs_invalid');
  return movement.amountMinor > SUM_MAX_MINOR ? refuse('ledger.balance_limit_exceeded') : legsOf(movement);
}

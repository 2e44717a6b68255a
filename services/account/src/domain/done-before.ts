import type { Book, CommandOf, Hold, LedgerCommand, LedgerResult } from './book.ts';
import { inOrder, transferOf, type JournalEntry, type Transfer } from './entry.ts';

/**
 * Returns the outcome of a command that was carried out before under the same id and with the same content. A sender
 * that lost the answer, as after a restore, gets it again; no money moves.
 * @returns `undefined` if the command was not carried out, or if the id belongs to another command
 */
export function doneBefore(book: Book, command: LedgerCommand): LedgerResult | undefined {
  switch (command.kind) {
    case 'hold': {
      const hold = book.holds.get(command.holdId);
      if (hold === undefined || !sameMovement(hold, command)) return undefined;
      return hold.paymentId === command.paymentId && hold.authorizationId === command.authorizationId
        ? { ok: true, again: true, hold, ...ended(hold) }
        : undefined;
    }
    case 'transfer': {
      const entry = book.entries.get(command.transferId);
      const transfer = entry === undefined ? undefined : transferOf(entry);
      if (entry === undefined || transfer === undefined || !sameMovement(transfer, command)) return undefined;
      return entry.paymentId === command.paymentId &&
        entry.holdId === undefined &&
        entry.refund === command.refund
        ? { ok: true, again: true, entry }
        : undefined;
    }
    case 'post':
      return postedBefore(book, command);
    case 'void': {
      const hold = book.holds.get(command.holdId);
      return hold?.status === 'voided' && hold.debitAccountId === command.debitAccountId
        ? { ok: true, again: true, ...ended(hold) }
        : undefined;
    }
    case 'entry': {
      const entry = book.entries.get(command.entryId);
      return entry !== undefined && sameEntry(entry, command) ? { ok: true, again: true, entry } : undefined;
    }
    case 'expire':
      return undefined;
  }
}

function postedBefore(book: Book, command: CommandOf<'post'>): LedgerResult | undefined {
  const entry = book.entries.get(command.transferId);
  const hold = book.holds.get(command.holdId);
  if (entry?.holdId !== command.holdId || hold === undefined) return undefined;
  if (transferOf(entry)?.amountMinor !== command.amountMinor) return undefined;
  return hold.debitAccountId === command.debitAccountId
    ? { ok: true, again: true, entry: { ...entry, authorizationId: hold.authorizationId }, ...ended(hold) }
    : undefined;
}

function sameMovement(one: Omit<Transfer, 'transferId'>, other: Omit<Transfer, 'transferId'>): boolean {
  return (
    one.debitAccountId === other.debitAccountId &&
    one.creditAccountId === other.creditAccountId &&
    one.amountMinor === other.amountMinor &&
    one.currency === other.currency
  );
}

function sameEntry(entry: JournalEntry, command: CommandOf<'entry'>): boolean {
  const asked = inOrder(command.legs);
  return (
    entry.paymentId === command.paymentId &&
    !entry.refund &&
    entry.holdId === undefined &&
    entry.legs.length === asked.length &&
    asked.every(({ accountId, amountMinor, currency }, at) => {
      const leg = entry.legs[at]!;
      return leg.accountId === accountId && leg.amountMinor === amountMinor && leg.currency === currency;
    })
  );
}

function ended(hold: Hold): { ended?: { hold: Hold; releasedMinor: bigint } } {
  return hold.status === 'open'
    ? {}
    : { ended: { hold, releasedMinor: hold.amountMinor - hold.postedMinor } };
}

import type { Book, Hold, LedgerCommand, LedgerResult, Transfer } from './book.ts';

/**
 * What came of a command that was carried out before, under the same id and with the same content: whoever asks again
 * has lost the answer, as after a restore, and gets it again. Nothing is moved.
 * @returns `undefined` where it was not carried out, or the id stands for something else
 */
export function doneBefore(book: Book, command: LedgerCommand): LedgerResult | undefined {
  switch (command.kind) {
    case 'hold': {
      const hold = book.holds.get(command.holdId);
      if (hold === undefined || !sameMovement(hold, command)) return undefined;
      return hold.authorizationId === command.authorizationId
        ? { ok: true, again: true, hold, ...ended(hold) }
        : undefined;
    }
    case 'transfer': {
      const transfer = book.transfers.get(command.transferId);
      if (transfer === undefined || !sameMovement(transfer, command)) return undefined;
      return transfer.holdId === undefined && transfer.refund === command.refund
        ? { ok: true, again: true, transfer }
        : undefined;
    }
    case 'post': {
      const transfer = book.transfers.get(command.transferId);
      const hold = book.holds.get(command.holdId);
      if (
        transfer?.holdId !== command.holdId ||
        transfer.amountMinor !== command.amountMinor ||
        hold === undefined
      )
        return undefined;
      return hold.debitAccountId === command.debitAccountId
        ? {
            ok: true,
            again: true,
            transfer: { ...transfer, authorizationId: hold.authorizationId },
            ...ended(hold),
          }
        : undefined;
    }
    case 'void': {
      const hold = book.holds.get(command.holdId);
      return hold?.status === 'voided' && hold.debitAccountId === command.debitAccountId
        ? { ok: true, again: true, ...ended(hold) }
        : undefined;
    }
    case 'expire':
      return undefined;
  }
}

function sameMovement(one: Hold | Transfer, other: LedgerCommand & { kind: 'hold' | 'transfer' }): boolean {
  return (
    one.debitAccountId === other.debitAccountId &&
    one.creditAccountId === other.creditAccountId &&
    one.amountMinor === other.amountMinor &&
    one.currency === other.currency &&
    one.paymentId === other.paymentId
  );
}

function ended(hold: Hold): { ended?: { hold: Hold; releasedMinor: bigint } } {
  return hold.status === 'open'
    ? {}
    : { ended: { hold, releasedMinor: hold.amountMinor - hold.postedMinor } };
}

import type { Book, LedgerCommand } from './book.ts';

/** The time of a batch, in milliseconds. */
export interface BatchTime {
  /** The clock of the replica, by which holds expire and mandates count. */
  nowMs: number;
  /** The time of the batch's entries and holds: later than every earlier posting on the accounts of the batch. */
  postedAtMs: number;
}

/**
 * Returns the time of a batch by a hybrid logical clock. It is the clock's time, or one millisecond after the latest
 * batch that changed an account of this batch. Two batches that share an account thus have a strict order even if the
 * clocks of their replicas differ.
 */
export function batchTimeOf(
  book: Book,
  requests: readonly { command: LedgerCommand }[],
  nowMs: number,
): BatchTime {
  let postedAtMs = nowMs;
  const follow = (accountId: string): void => {
    const account = book.accounts.get(accountId);
    if (account !== undefined && account.postedAtMs >= postedAtMs) postedAtMs = account.postedAtMs + 1;
  };
  for (const { command } of requests) {
    if (command.kind === 'entry') {
      for (const { accountId } of command.legs) follow(accountId);
      continue;
    }
    follow(command.debitAccountId);
    if ('creditAccountId' in command) follow(command.creditAccountId);
    if (!('holdId' in command)) continue;
    const hold = book.holds.get(command.holdId);
    if (hold !== undefined) follow(hold.creditAccountId);
  }
  return { nowMs, postedAtMs };
}

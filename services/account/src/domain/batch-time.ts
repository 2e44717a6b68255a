import type { Book, LedgerCommand } from './book.ts';

/** The time of a batch, in milliseconds. */
export interface BatchTime {
  /** What the clock of the replica says: holds expire and mandates count by it. */
  nowMs: number;
  /** What entries and holds of the batch carry: later than all that was posted before on the accounts of the batch. */
  postedAtMs: number;
}

/**
 * Gives a batch its time, a hybrid logical clock: the clock's, or one millisecond after the latest batch that changed an
 * account of this one. Two batches that share an account are so in a strict order, however far apart the clocks of their
 * replicas are.
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

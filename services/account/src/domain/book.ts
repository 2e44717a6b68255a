import type { Currency, ErrorCode } from '@tallystick/contracts';
import type { JournalEntry, JournalLine, Leg } from './entry.ts';

/** An account as the ledger decides on it. A balance is credits less debits. */
export interface Account {
  readonly accountId: string;
  readonly ownerId: string;
  readonly currency: Currency;
  readonly status: 'open' | 'frozen' | 'closed';
  /** The available balance never falls below it; `null`: no minimum, as for an external account. */
  readonly minimumBalanceMinor: bigint | null;
  readonly postedMinor: bigint;
  /** Sum of what open holds have left. */
  readonly pendingMinor: bigint;
  /** Number of its last line; 0 where it has none. */
  readonly sequence: number;
  /** Time of the last batch that changed it, in milliseconds. */
  readonly postedAtMs: number;
}

/** An amount set aside on the debit account for one credit account. */
export interface Hold {
  readonly holdId: string;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly amountMinor: bigint;
  readonly postedMinor: bigint;
  readonly currency: Currency;
  readonly paymentId: string;
  readonly authorizationId: string | undefined;
  readonly status: 'open' | 'posted' | 'voided' | 'expired';
  readonly expiresAtMs: number;
  readonly placedAtMs: number;
  /** `undefined` while it is open, and where the previous release ended it. */
  readonly endedAtMs: number | undefined;
}

/** What a payment moved so far between one payer and one payee, for refunds. */
export interface Paid {
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
}

/**
 * All that a batch of commands may touch. Accounts and holds are values: a command that is carried out puts new ones in
 * their place, and one that is refused leaves the maps as they were.
 */
export interface Book {
  accounts: Map<string, Account>;
  holds: Map<string, Hold>;
  /** Those that exist already, of the entries that the commands name. */
  entries: Map<string, JournalEntry>;
  /** By {@link paidKey}. */
  paid: Map<string, Paid>;
}

/** What a batch of commands changed, for one statement a table. */
export interface BookChanges {
  entries: JournalEntry[];
  lines: JournalLine[];
  /** Placed by the batch, by id, as the batch leaves them. */
  newHolds: Map<string, Hold>;
  /** There before, by id, as the batch leaves them. */
  changedHolds: Map<string, Hold>;
  /** By id, as the batch leaves them. */
  changedAccounts: Map<string, Account>;
}

export function noChanges(): BookChanges {
  return { entries: [], lines: [], newHolds: new Map(), changedHolds: new Map(), changedAccounts: new Map() };
}

/** Puts an account in the place of what it was. */
export function changeAccount(book: Book, posting: BookChanges, account: Account): void {
  book.accounts.set(account.accountId, account);
  posting.changedAccounts.set(account.accountId, account);
}

/** Puts a hold in the place of what it was. */
export function changeHold(book: Book, posting: BookChanges, hold: Hold): void {
  book.holds.set(hold.holdId, hold);
  (posting.newHolds.has(hold.holdId) ? posting.newHolds : posting.changedHolds).set(hold.holdId, hold);
}

/** Adds a hold to the book. */
export function addHold(book: Book, posting: BookChanges, hold: Hold): void {
  book.holds.set(hold.holdId, hold);
  posting.newHolds.set(hold.holdId, hold);
}

/** Names what a payment moved from a payer to a payee. */
export function paidKey(paymentId: string, payerAccountId: string, payeeAccountId: string): string {
  return `${paymentId} ${payerAccountId} ${payeeAccountId}`;
}

export function available({
  postedMinor,
  pendingMinor,
}: Pick<Account, 'postedMinor' | 'pendingMinor'>): bigint {
  return postedMinor - pendingMinor;
}

export type LedgerCommand =
  | {
      kind: 'hold';
      holdId: string;
      debitAccountId: string;
      creditAccountId: string;
      amountMinor: bigint;
      currency: Currency;
      paymentId: string;
      authorizationId: string | undefined;
      expiresAtMs: number;
    }
  | {
      kind: 'post';
      holdId: string;
      debitAccountId: string;
      paymentId: string;
      transferId: string;
      amountMinor: bigint;
      final: boolean;
    }
  | { kind: 'void'; holdId: string; debitAccountId: string; paymentId: string }
  | { kind: 'expire'; holdId: string; debitAccountId: string }
  | {
      kind: 'transfer';
      transferId: string;
      debitAccountId: string;
      creditAccountId: string;
      amountMinor: bigint;
      currency: Currency;
      paymentId: string | undefined;
      refund: boolean;
    }
  /** Any legs; no message asks for it yet. */
  | { kind: 'entry'; entryId: string; legs: readonly Leg[]; paymentId: string | undefined };

/** A command of one kind. */
export type CommandOf<Kind extends LedgerCommand['kind']> = Extract<LedgerCommand, { kind: Kind }>;

/** Why a command did nothing. */
export interface Refusal {
  ok: false;
  code: ErrorCode;
}

/** What a command did, or the code of why it did nothing. `again`: it did so when it came before. */
export type LedgerResult =
  | Refusal
  | {
      ok: true;
      again?: true;
      hold?: Hold;
      entry?: JournalEntry;
      ended?: { hold: Hold; releasedMinor: bigint };
    };

export function refuse(code: ErrorCode): Refusal {
  return { ok: false, code };
}

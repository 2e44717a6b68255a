import type { Currency, ErrorCode } from '@tallystick/contracts';
import type { JournalEntry, JournalLine, Leg } from './entry.ts';

/** An account in the ledger's decisions. A balance is credits minus debits. */
export interface Account {
  readonly accountId: string;
  readonly ownerId: string;
  readonly currency: Currency;
  readonly status: 'open' | 'frozen' | 'closed';
  /** The available balance never falls below it; `null`: no minimum, as for an external account. */
  readonly minimumBalanceMinor: bigint | null;
  readonly postedMinor: bigint;
  /** Sum of the remaining amounts of open holds. */
  readonly pendingMinor: bigint;
  /** Number of its last line; 0 if it has none. */
  readonly sequence: number;
  /** Time of the last batch that changed it, in milliseconds. */
  readonly postedAtMs: number;
}

/**
 * The party that may post a hold: `automatic` if its order asks for the full posting, otherwise the owner of the credit
 * account, or the customer or producer that ordered the payment.
 */
export type Capturer =
  { readonly kind: 'automatic' | 'payee' } | { readonly kind: 'subject' | 'producer'; readonly id: string };

/** Builds the capturer of a hold from its kind and id. */
export function capturerFrom(
  kind: string | null | undefined,
  id: string | null | undefined,
): Capturer | undefined {
  if (kind === 'automatic' || kind === 'payee') return { kind };
  return (kind === 'subject' || kind === 'producer') && typeof id === 'string' ? { kind, id } : undefined;
}

/** The mandate that an amount was counted against, and when: its day and its month keep it. */
export interface Counted {
  readonly mandateId: string;
  readonly atMs: number;
}

/** An amount reserved on the debit account for one credit account. */
export interface Hold {
  readonly holdId: string;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly amountMinor: bigint;
  readonly postedMinor: bigint;
  readonly currency: Currency;
  readonly paymentId: string;
  readonly authorizationId: string | undefined;
  /** `undefined` if the previous release placed it. */
  readonly capturer: Capturer | undefined;
  /** The mandate that it counts against; `undefined` by the owner's own order, and if the previous release placed it. */
  readonly counted?: Counted | undefined;
  readonly status: 'open' | 'posted' | 'voided' | 'expired';
  readonly expiresAtMs: number;
  readonly placedAtMs: number;
  /** `undefined` while it is open, and if the previous release ended it. */
  readonly endedAtMs: number | undefined;
}

/** The amounts that a payment moved between a payer and a payee, for refunds. */
export interface Paid {
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
}

/**
 * All data that a batch of commands needs. Accounts and holds are immutable values: a successful command replaces them
 * in the maps, and a refused one leaves the maps unchanged.
 */
export interface Book {
  accounts: Map<string, Account>;
  holds: Map<string, Hold>;
  /** The existing entries among those that the commands name. */
  entries: Map<string, JournalEntry>;
  /** Keyed by {@link paidKey}. */
  paid: Map<string, Paid>;
}

/** The changes of a batch of commands, for one statement per table. */
export interface BookChanges {
  entries: JournalEntry[];
  lines: JournalLine[];
  /** The holds that the batch placed, by id, in their final state. */
  newHolds: Map<string, Hold>;
  /** The existing holds that the batch changed, by id, in their final state. */
  changedHolds: Map<string, Hold>;
  /** By id, in their final state. */
  changedAccounts: Map<string, Account>;
}

export function noChanges(): BookChanges {
  return { entries: [], lines: [], newHolds: new Map(), changedHolds: new Map(), changedAccounts: new Map() };
}

/** Replaces an account. */
export function changeAccount(book: Book, posting: BookChanges, account: Account): void {
  book.accounts.set(account.accountId, account);
  posting.changedAccounts.set(account.accountId, account);
}

/** Replaces a hold. */
export function changeHold(book: Book, posting: BookChanges, hold: Hold): void {
  book.holds.set(hold.holdId, hold);
  (posting.newHolds.has(hold.holdId) ? posting.newHolds : posting.changedHolds).set(hold.holdId, hold);
}

/** Adds a hold to the book. */
export function addHold(book: Book, posting: BookChanges, hold: Hold): void {
  book.holds.set(hold.holdId, hold);
  posting.newHolds.set(hold.holdId, hold);
}

/** Builds the key of the amounts that a payment moved from a payer to a payee. */
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
      /** As the evidence says; commands do not name it. */
      capturer?: Capturer | undefined;
      /** As the ledger decided; commands do not name it. */
      counted?: Counted | undefined;
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
  /** An entry of any legs; no message requests it yet. */
  | { kind: 'entry'; entryId: string; legs: readonly Leg[]; paymentId: string | undefined };

/** A command of one kind. */
export type CommandOf<Kind extends LedgerCommand['kind']> = Extract<LedgerCommand, { kind: Kind }>;

/** The reason for which a command was refused. */
export interface Refusal {
  ok: false;
  code: ErrorCode;
}

/** The result of a command, or the code of its refusal. `again`: an earlier copy of the command was carried out. */
export type LedgerResult =
  | Refusal
  | {
      ok: true;
      again?: true;
      hold?: Hold;
      entry?: JournalEntry;
      /** The authority of a new hold or entry, for its event. */
      decidedBy?: { wish?: string | undefined; counted?: Counted | undefined };
      ended?: { hold: Hold; releasedMinor: bigint };
    };

export function refuse(code: ErrorCode): Refusal {
  return { ok: false, code };
}

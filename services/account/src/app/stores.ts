import type { Currency } from '@tallystick/contracts';
import type { EvidenceUse } from '@tallystick/security';
import type { NewAccount } from '../domain/account.ts';
import type { BatchDecision, LedgerRequest, State } from '../domain/decide.ts';
import type { Mandate } from '../domain/mandate.ts';

/** The ledger's tables, within one transaction. */
export interface LedgerStore {
  /** Loads all that a batch may touch, and locks its accounts. */
  load(requests: readonly LedgerRequest[], nowMs: number): Promise<State>;
  /** Saves what was decided on a state that this store loaded, with the commit at the latest. */
  save(state: State, decision: BatchDecision, nowMs: number): void;
}

/** An account as an owner sees it. */
export interface AccountView {
  accountId: string;
  ownerId: string;
  kind: NewAccount['kind'];
  currency: Currency;
  status: 'open' | 'frozen' | 'closed';
  postedMinor: bigint;
  pendingMinor: bigint;
  availableMinor: bigint;
  openedAt: string;
}

/** The table of accounts, within one transaction. */
export interface AccountStore {
  /**
   * Adds accounts with the balance zero; those that are there already stay as they are.
   * @returns those that were added
   */
  insert(accounts: readonly NewAccount[]): Promise<AccountView[]>;
}

/** The mandates and what they rest on, within one transaction. */
export interface MandateStore {
  /** An account of this owner, or `undefined`. */
  findAccount(ownerId: string, accountId: string): Promise<{ currency: Currency } | undefined>;
  /** The owner of the account of a mandate that is not there yet, or `undefined`. */
  findOwnerOfNew(mandate: { mandateId: string; accountId: string }): Promise<string | undefined>;
  /** Which of these ids were granted, withdrawn since or not. */
  findExisting(mandateIds: readonly string[]): Promise<Set<string>>;
  /** @returns `false` where the id exists already */
  insert(mandate: Mandate): Promise<boolean>;
  /** Withdraws an owner's mandate; `undefined` where the owner has none with this id. */
  withdrawOwn(ownerId: string, mandateId: string, at: Date): Promise<Mandate | undefined>;
  /** Withdraws a mandate, unless it was withdrawn before. */
  withdraw(mandateId: string, at: Date): Promise<void>;
  isUsed(use: EvidenceUse): Promise<boolean>;
  rememberUsed(use: EvidenceUse): void;
}

/** By how much the books of a currency do not balance: by nothing, unless there is a fault. */
export interface Imbalance {
  currency: Currency;
  /** Sum of all balances. */
  balancesMinor: bigint;
  /** By how much more accounts keep aside than open holds have left. */
  holdsMinor: bigint;
}

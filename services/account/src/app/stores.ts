import type { Decision } from '@tallystick/audit';
import type { Currency } from '@tallystick/contracts';
import type { EvidenceUse } from '@tallystick/security';
import type { NewAccount } from '../domain/account.ts';
import type { BatchDecision, LedgerRequest, State } from '../domain/decide.ts';
import type { Mandate } from '../domain/mandate.ts';

/** The ledger's tables, within one transaction. */
export interface LedgerStore {
  /** Loads all data that a batch needs, and locks its accounts. */
  load(requests: readonly LedgerRequest[], nowMs: number): Promise<State>;
  /** Saves the decision on a state that this store loaded, by the commit at the latest. */
  save(decision: BatchDecision): void;
  /** Writes refusals to the audit. */
  audit(refusals: readonly Decision[]): void;
}

/** A status that an operator may give to an account. */
export type FreezeStatus = 'open' | 'frozen';

/** An account in the view of its owner. */
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
   * Inserts accounts with a zero balance; existing accounts do not change.
   * @returns the inserted accounts
   */
  insert(accounts: readonly NewAccount[]): Promise<AccountView[]>;
  /**
   * Changes the status of customers' accounts that are not closed.
   * @returns the ids of those accounts, also of unchanged ones
   */
  setStatus(accountIds: readonly string[], status: FreezeStatus): Promise<Set<string>>;
}

/** The tables of mandates, accounts and used evidence, within one transaction. */
export interface MandateStore {
  /** Finds an account of this owner, or `undefined`. */
  findAccount(ownerId: string, accountId: string): Promise<{ currency: Currency } | undefined>;
  /** Finds the owner of the account of a mandate that does not exist yet, or `undefined`. */
  findOwnerOfNew(mandate: { mandateId: string; accountId: string }): Promise<string | undefined>;
  /** Finds the ids of granted mandates, including withdrawn ones. */
  findExisting(mandateIds: readonly string[]): Promise<Set<string>>;
  /** @returns `false` if the id already exists */
  insert(mandate: Mandate): Promise<boolean>;
  /** Withdraws an owner's mandate; returns `undefined` if the owner has no mandate with this id. */
  withdrawOwn(ownerId: string, mandateId: string, at: Date): Promise<Mandate | undefined>;
  /** Withdraws a mandate unless it is already withdrawn. */
  withdraw(mandateId: string, at: Date): Promise<void>;
  /**
   * Withdraws active mandates that a party holds or gave.
   * @returns up to `limit` withdrawn mandates
   */
  withdrawOfParty(partyId: string, at: Date, limit: number): Promise<Mandate[]>;
  isUsed(use: EvidenceUse): Promise<boolean>;
  rememberUsed(use: EvidenceUse): void;
  /** Writes decisions to the audit. */
  audit(decisions: readonly Decision[]): void;
}

/** The imbalance of the books of a currency: zero unless there is a fault. */
export interface Imbalance {
  currency: Currency;
  /** Sum of all balances. */
  balancesMinor: bigint;
  /** Excess of the pending amounts of accounts over the remaining amounts of open holds. */
  holdsMinor: bigint;
}

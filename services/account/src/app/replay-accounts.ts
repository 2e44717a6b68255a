import type { NewAccount } from '../domain/account.ts';
import type { AccountStore } from './stores.ts';

/** Inserts accounts that were opened before, unless they exist. */
export async function replayAccounts(store: AccountStore, accounts: readonly NewAccount[]): Promise<void> {
  await store.insert(accounts);
}

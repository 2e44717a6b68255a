import { messages, newId, type Currency } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type { AccountStore, AccountView } from './stores.ts';

/**
 * Opens customer accounts with a zero balance and publishes them.
 * @returns the accounts, in the order of the orders
 */
export async function openAccounts(
  store: AccountStore,
  send: Send,
  orders: readonly { ownerId: string; currency: Currency; options: SendOptions }[],
  nowMs: number,
): Promise<AccountView[]> {
  const openedAt = new Date(nowMs);
  const accounts = orders.map(({ ownerId, currency }) => ({
    accountId: newId('acc'),
    ownerId,
    kind: 'customer' as const,
    currency,
    openedAt,
  }));
  const inserted = new Map((await store.insert(accounts)).map((account) => [account.accountId, account]));
  return accounts.map(({ accountId, ownerId, kind, currency }, at) => {
    send(messages.accountOpened, { accountId, ownerId, kind, currency }, orders[at]!.options);
    return inserted.get(accountId)!;
  });
}

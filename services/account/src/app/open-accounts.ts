import { messages, newId, type Currency } from '@tallystick/contracts';
import type { Send } from '@tallystick/messaging';
import type { AccountStore, AccountView } from './stores.ts';

/**
 * Opens customers' accounts with the balance zero, and publishes that.
 * @returns the accounts, in the order of the orders
 */
export async function openAccounts(
  store: AccountStore,
  send: Send,
  orders: readonly { ownerId: string; currency: Currency }[],
  nowMs: number,
): Promise<AccountView[]> {
  const openedAt = new Date(nowMs);
  const opened = await store.insert(
    orders.map((order) => ({ ...order, accountId: newId('acc'), kind: 'customer', openedAt })),
  );
  for (const { accountId, ownerId, kind, currency } of opened)
    send(messages.accountOpened, { accountId, ownerId, kind, currency });
  return opened;
}

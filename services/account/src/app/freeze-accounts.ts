import { CodedError, messages } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type { AccountStore, FreezeStatus } from './stores.ts';

/**
 * Freezes or unfreezes customers' accounts and publishes that. No money leaves a frozen account; it may still receive.
 * @returns the account of each order, in their order, or `resource.not_found`
 */
export async function setAccountStatus(
  store: AccountStore,
  send: Send,
  status: FreezeStatus,
  orders: readonly { accountId: string; options: SendOptions }[],
  nowMs: number,
): Promise<({ accountId: string; status: FreezeStatus } | CodedError)[]> {
  const found = await store.setStatus(
    orders.map(({ accountId }) => accountId),
    status,
  );
  const changedAt = new Date(nowMs).toISOString();
  return orders.map(({ accountId, options }) => {
    if (!found.has(accountId)) return new CodedError('resource.not_found');
    send(messages.accountStatusChanged, { accountId, status, changedAt }, options);
    return { accountId, status };
  });
}

/** Gives accounts the status of the latest event of each. @param changes in their order */
export async function replayAccountStatus(
  store: AccountStore,
  changes: readonly { accountId: string; status: FreezeStatus }[],
): Promise<void> {
  const latest = new Map(changes.map(({ accountId, status }) => [accountId, status]));
  for (const status of ['frozen', 'open'] as const)
    await store.setStatus(
      [...latest].filter(([, given]) => given === status).map(([accountId]) => accountId),
      status,
    );
}

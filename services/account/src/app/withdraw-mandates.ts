import { CodedError, messages } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type { Mandate } from '../domain/mandate.ts';
import type { MandateStore } from './stores.ts';

/**
 * Withdraws mandates of the ordering owner and publishes that.
 * @returns the mandate of each order, in their order, or `resource.not_found`
 */
export async function withdrawMandates(
  store: MandateStore,
  send: Send,
  orders: readonly { ownerId: string; mandateId: string; options: SendOptions }[],
  nowMs: number,
): Promise<(Mandate | CodedError)[]> {
  const results: (Mandate | CodedError)[] = [];
  // Mandates are rare, so a sequential loop suffices.
  for (const { ownerId, mandateId, options } of orders) {
    const mandate = await store.withdrawOwn(ownerId, mandateId, new Date(nowMs));
    results.push(mandate ?? new CodedError('resource.not_found'));
    if (mandate === undefined) continue;
    const { accountId, grantee } = mandate;
    send(messages.mandateWithdrawn, { mandateId, accountId, grantee }, options);
  }
  return results;
}

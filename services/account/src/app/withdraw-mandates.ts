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

/** Mandates that one request of an operator withdraws: each publishes an event. */
export const MANDATES_WITHDRAWN_MAX = 1_000;

/**
 * Withdraws mandates that a party holds or gave, and publishes each.
 * @returns how many, and whether none is left
 */
export async function withdrawMandatesOfParty(
  store: MandateStore,
  send: Send,
  { partyId, options }: { partyId: string; options: SendOptions },
  nowMs: number,
): Promise<{ partyId: string; withdrawn: number; isComplete: boolean }> {
  const mandates = await store.withdrawOfParty(partyId, new Date(nowMs), MANDATES_WITHDRAWN_MAX);
  for (const { mandateId, accountId, grantee } of mandates)
    send(messages.mandateWithdrawn, { mandateId, accountId, grantee }, options);
  return { partyId, withdrawn: mandates.length, isComplete: mandates.length < MANDATES_WITHDRAWN_MAX };
}

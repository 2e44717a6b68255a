import { CodedError, messages, newId, type operations } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type * as z from 'zod';
import type { Mandate } from '../domain/mandate.ts';
import type { MandateStore } from './stores.ts';

/** A mandate that the owner of an account grants a producer. */
export interface MandateOrder {
  ownerId: string;
  order: z.output<typeof operations.mandateCreate.body>;
  options: SendOptions;
}

/**
 * Grants producers mandates on accounts of the owner who orders them, and publishes those granted.
 * @returns of each order, in their order, its mandate or the error with which it is refused: `request.invalid` for a card,
 *   which gets its mandate when it is ordered, `ledger.account_not_found`, `ledger.currency_mismatch`
 */
export async function createMandates(
  store: MandateStore,
  send: Send,
  orders: readonly MandateOrder[],
  nowMs: number,
): Promise<(Mandate | CodedError)[]> {
  const results: (Mandate | CodedError)[] = [];
  // Mandates are rare, and each withdraws the one before it: one by one is right here.
  for (const order of orders) results.push(await createOne(store, send, order, nowMs));
  return results;
}

/** Checks all before it writes anything. */
async function createOne(
  store: MandateStore,
  send: Send,
  { ownerId, order, options }: MandateOrder,
  grantedAtMs: number,
): Promise<Mandate | CodedError> {
  const { accountId, grantee, currency, limits } = order;
  if (grantee.kind !== 'producer') {
    return new CodedError('request.invalid', {
      faults: [{ path: '/body/grantee/kind', message: 'a card gets its mandate when it is ordered' }],
    });
  }
  const account = await store.findAccount(ownerId, accountId);
  if (account === undefined) return new CodedError('ledger.account_not_found');
  if (account.currency !== currency) return new CodedError('ledger.currency_mismatch');
  const mandateId = newId('mdt');
  const mandate: Mandate = { mandateId, ownerId, ...order, status: 'active', grantedAtMs };
  await store.insert(mandate);
  send(messages.mandateGranted, { mandateId, accountId, grantee, currency, limits }, options);
  return mandate;
}

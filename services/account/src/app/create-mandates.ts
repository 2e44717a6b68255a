import { CodedError, messages, newId, type operations } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type * as z from 'zod';
import type { Mandate } from '../domain/mandate.ts';
import type { MandateStore } from './stores.ts';

/** An order of an account owner to grant a mandate to a third party. */
export interface MandateOrder {
  ownerId: string;
  order: z.output<typeof operations.mandateCreate.body>;
  options: SendOptions;
}

/**
 * Grants mandates to third parties on accounts of the ordering owner, and publishes them.
 * @returns the mandate of each order or its error, in their order: `request.invalid` for a card, which gets its mandate
 * when it is ordered, `ledger.account_not_found`, `ledger.currency_mismatch`
 */
export async function createMandates(
  store: MandateStore,
  send: Send,
  orders: readonly MandateOrder[],
  nowMs: number,
): Promise<(Mandate | CodedError)[]> {
  const results: (Mandate | CodedError)[] = [];
  // Mandates are rare, and each withdraws the previous one, so a sequential loop suffices.
  for (const order of orders) results.push(await createOne(store, send, order, nowMs));
  return results;
}

/** Runs every check before the first write. */
async function createOne(
  store: MandateStore,
  send: Send,
  { ownerId, order, options }: MandateOrder,
  grantedAtMs: number,
): Promise<Mandate | CodedError> {
  const { accountId, grantee, currency, limits, payeeAccountIds, endsAt } = order;
  if (grantee.kind !== 'producer') {
    return new CodedError('request.invalid', {
      faults: [{ path: '/body/grantee/kind', message: 'a card gets its mandate when it is ordered' }],
    });
  }
  const account = await store.findAccount(ownerId, accountId);
  if (account === undefined) return new CodedError('ledger.account_not_found');
  if (account.currency !== currency) return new CodedError('ledger.currency_mismatch');
  const mandateId = newId('mdt');
  const mandate: Mandate = {
    mandateId,
    ownerId,
    accountId,
    grantee,
    currency,
    limits,
    payeeAccountIds,
    endsAtMs: endsAt === undefined ? undefined : Date.parse(endsAt),
    status: 'active',
    grantedAtMs,
  };
  await store.insert(mandate);
  send(
    messages.mandateGranted,
    { mandateId, accountId, grantee, currency, limits, payeeAccountIds, endsAt },
    options,
  );
  return mandate;
}

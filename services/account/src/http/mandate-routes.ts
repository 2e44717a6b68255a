import { CodedError, messages, newId, operations } from '@tallystick/contracts';
import type { Edge } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool } from '@tallystick/postgres';
import type { Mandate } from '../domain/mandate.ts';
import { findAccount } from '../store/accounts.ts';
import { findMandates, insertMandate, withdrawMandate } from '../store/mandates.ts';

/** Lets an owner grant mandates to producers, see them, and withdraw any. A card's mandate comes with its order. */
export function mandateRoutes(edge: Edge<Send>, pool: Pool, nowMs: () => number): void {
  edge.write(operations.mandateCreate, async ({ subject, body }, tx, send) => {
    const { accountId, grantee, currency, limits } = body;
    if (grantee.kind !== 'producer') {
      throw new CodedError('request.invalid', {
        faults: [{ path: '/body/grantee/kind', message: 'a card gets its mandate when it is ordered' }],
      });
    }
    const account = await findAccount(tx, subject, accountId);
    if (account === undefined) throw new CodedError('ledger.account_not_found');
    if (account.currency !== currency) throw new CodedError('ledger.currency_mismatch');
    const mandate: Mandate = {
      mandateId: newId('mdt'),
      accountId,
      ownerId: subject,
      grantee,
      currency,
      limits,
      status: 'active',
      grantedAtMs: nowMs(),
    };
    await insertMandate(tx, mandate);
    send(messages.mandateGranted, { mandateId: mandate.mandateId, accountId, grantee, currency, limits });
    return { body: view(mandate) };
  });

  edge.read(operations.mandateList, async ({ subject }) => ({
    body: { mandates: (await findMandates(pool, subject)).map(view) },
  }));

  edge.write(operations.mandateWithdraw, async ({ subject, params: { mandateId } }, tx, send) => {
    const mandate = await withdrawMandate(tx, subject, mandateId, new Date(nowMs()));
    if (mandate === undefined) throw new CodedError('resource.not_found');
    send(messages.mandateWithdrawn, { mandateId, accountId: mandate.accountId, grantee: mandate.grantee });
    return { body: view(mandate) };
  });
}

function view({
  ownerId: _ownerId,
  grantedAtMs,
  ...rest
}: Mandate): Omit<Mandate, 'ownerId' | 'grantedAtMs'> & { grantedAt: string } {
  return { ...rest, grantedAt: new Date(grantedAtMs).toISOString() };
}

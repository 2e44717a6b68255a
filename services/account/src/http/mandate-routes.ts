import { CodedError, messages, newId, operations } from '@tallystick/contracts';
import { inTurn, type Edge, type Reply, type WriteRequest } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool, Transaction } from '@tallystick/postgres';
import type { Mandate } from '../domain/mandate.ts';
import { findAccount } from '../store/accounts.ts';
import { findMandates, insertMandate, withdrawMandate } from '../store/mandates.ts';

/** Lets an owner grant mandates to producers, see them, and withdraw any. A card's mandate comes with its order. */
export function mandateRoutes(edge: Edge<Send>, pool: Pool, nowMs: () => number): void {
  edge.write(operations.mandateCreate, (requests, tx, send) =>
    // Mandates are rare, and each withdraws the one before it: one by one is right here.
    inTurn(requests, (request) => grant(request, tx, send, nowMs())),
  );

  edge.read(operations.mandateList, async ({ subject }) => ({
    body: { mandates: (await findMandates(pool, subject)).map(view) },
  }));

  edge.write(operations.mandateWithdraw, (requests, tx, send) =>
    inTurn(requests, async ({ subject, params: { mandateId }, traceContext }) => {
      const mandate = await withdrawMandate(tx, subject, mandateId, new Date(nowMs()));
      if (mandate === undefined) return new CodedError('resource.not_found');
      const { accountId, grantee } = mandate;
      send(messages.mandateWithdrawn, { mandateId, accountId, grantee }, { traceContext });
      return { body: view(mandate) };
    }),
  );
}

/** Checks all before it writes anything. */
async function grant(
  { subject, body, traceContext }: WriteRequest<typeof operations.mandateCreate>,
  tx: Transaction,
  send: Send,
  grantedAtMs: number,
): Promise<Reply<MandateView> | CodedError> {
  const { accountId, grantee, currency, limits } = body;
  if (grantee.kind !== 'producer') {
    return new CodedError('request.invalid', {
      faults: [{ path: '/body/grantee/kind', message: 'a card gets its mandate when it is ordered' }],
    });
  }
  const account = await findAccount(tx, subject, accountId);
  if (account === undefined) return new CodedError('ledger.account_not_found');
  if (account.currency !== currency) return new CodedError('ledger.currency_mismatch');
  const mandate: Mandate = {
    mandateId: newId('mdt'),
    accountId,
    ownerId: subject,
    grantee,
    currency,
    limits,
    status: 'active',
    grantedAtMs,
  };
  await insertMandate(tx, mandate);
  const { mandateId } = mandate;
  send(messages.mandateGranted, { mandateId, accountId, grantee, currency, limits }, { traceContext });
  return { body: view(mandate) };
}

type MandateView = Omit<Mandate, 'ownerId' | 'grantedAtMs'> & { grantedAt: string };

function view({ ownerId: _ownerId, grantedAtMs, ...rest }: Mandate): MandateView {
  return { ...rest, grantedAt: new Date(grantedAtMs).toISOString() };
}

import { CodedError, operations } from '@tallystick/contracts';
import { inTurn, nextCursorOf, rangeOf, type Edge, type Reply } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool } from '@tallystick/postgres';
import type * as z from 'zod';
import { createMandates } from '../app/create-mandates.ts';
import { withdrawMandates, withdrawMandatesOfParty } from '../app/withdraw-mandates.ts';
import type { Mandate } from '../domain/mandate.ts';
import { findMandatePage, mandateStore } from '../store/mandates.ts';

/**
 * Lets an owner grant mandates to third parties, list them, and withdraw any. A card gets its mandate with its order.
 */
export function mandateRoutes(edge: Edge<Send>, pool: Pool, nowMs: () => number): void {
  edge.write(operations.mandateCreate, async (requests, tx, send) => {
    const orders = requests.map(({ subject, body, traceContext }) => ({
      ownerId: subject,
      order: body,
      options: { traceContext },
    }));
    return (await createMandates(mandateStore(tx), send, orders, nowMs())).map(replyOf);
  });

  edge.read(operations.mandateList, async ({ subject, query }) => {
    const page = await findMandatePage(pool, subject, query, rangeOf(query));
    return { body: { mandates: page.items.map(mandateView), nextCursor: nextCursorOf(page) } };
  });

  edge.write(operations.mandateWithdraw, async (requests, tx, send) => {
    const orders = requests.map(({ subject, params: { mandateId }, traceContext }) => ({
      ownerId: subject,
      mandateId,
      options: { traceContext },
    }));
    return (await withdrawMandates(mandateStore(tx), send, orders, nowMs())).map(replyOf);
  });

  edge.write(operations.partyMandatesWithdraw, (requests, tx, send) =>
    inTurn(requests, async ({ params: { partyId }, traceContext }) => ({
      body: await withdrawMandatesOfParty(
        mandateStore(tx),
        send,
        { partyId, options: { traceContext } },
        nowMs(),
      ),
    })),
  );
}

type MandateView = z.output<typeof operations.mandateCreate.response>;

function replyOf(result: Mandate | CodedError): Reply<MandateView> | CodedError {
  return result instanceof CodedError ? result : { body: mandateView(result) };
}

/** Returns a mandate as its owner sees it. */
export function mandateView({
  ownerId: _ownerId,
  grantedAtMs,
  endsAtMs,
  payeeAccountIds,
  ...rest
}: Mandate): MandateView {
  return {
    ...rest,
    payeeAccountIds: payeeAccountIds === undefined ? undefined : [...payeeAccountIds],
    endsAt: endsAtMs === undefined ? undefined : new Date(endsAtMs).toISOString(),
    grantedAt: new Date(grantedAtMs).toISOString(),
  };
}

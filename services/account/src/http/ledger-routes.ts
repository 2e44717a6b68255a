import { CodedError, operations } from '@tallystick/contracts';
import { nextCursorOf, rangeOf, type Edge } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool } from '@tallystick/postgres';
import { findAccountPage, findAnyAccount } from '../store/accounts.ts';
import { findEntryPage, LINE_NUMBER } from '../store/entry-list.ts';
import { findMandatePageOfParty } from '../store/mandates.ts';
import { findHoldPage, findMovements } from '../store/movements.ts';
import { mandateView } from './mandate-routes.ts';

/** Shows operators the whole ledger: any account, its entries and holds, the movements of a payment, and mandates. */
export function ledgerRoutes(edge: Edge<Send>, pool: Pool): void {
  const requireAccount = async (accountId: string) => {
    const account = await findAnyAccount(pool, accountId);
    if (account === undefined) throw new CodedError('resource.not_found');
    return account;
  };

  edge.read(operations.ledgerAccount, async ({ params: { accountId } }) => ({
    body: await requireAccount(accountId),
  }));

  edge.read(operations.ledgerAccounts, async ({ params: { partyId }, query }) => {
    const page = await findAccountPage(pool, partyId, rangeOf(query));
    return { body: { accounts: page.items, nextCursor: nextCursorOf(page) } };
  });

  edge.read(operations.ledgerEntries, async ({ params: { accountId }, query }) => {
    const range = rangeOf(query, LINE_NUMBER);
    await requireAccount(accountId);
    const page = await findEntryPage(pool, accountId, query, range);
    return { body: { entries: page.items, nextCursor: nextCursorOf(page) } };
  });

  edge.read(operations.ledgerHolds, async ({ params: { accountId }, query }) => {
    const range = rangeOf(query);
    await requireAccount(accountId);
    const page = await findHoldPage(pool, accountId, range);
    return { body: { holds: page.items, nextCursor: nextCursorOf(page) } };
  });

  edge.read(operations.ledgerPayment, async ({ params: { paymentId } }) => {
    const { hold, transfers } = await findMovements(pool, paymentId);
    if (hold === undefined && transfers.length === 0) throw new CodedError('resource.not_found');
    return { body: { paymentId, hold, transfers } };
  });

  edge.read(operations.ledgerMandates, async ({ params: { partyId }, query }) => {
    const page = await findMandatePageOfParty(pool, { partyId, status: query.status }, rangeOf(query));
    return {
      body: {
        mandates: page.items.map((mandate) => ({ ...mandateView(mandate), ownerId: mandate.ownerId })),
        nextCursor: nextCursorOf(page),
      },
    };
  });
}

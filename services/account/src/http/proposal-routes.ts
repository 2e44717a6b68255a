import { CodedError, operations } from '@tallystick/contracts';
import { attempt, inTurn, type Edge } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { LedgerStore } from '../app/stores.ts';
import { approveTransfer, proposeTransfer } from '../app/transfer-proposals.ts';
import { postedTransfer } from './posted-transfer.ts';
import { proposalStore } from '../store/proposals.ts';

/** Lets one operator propose a transfer that brings money in, and another approve it. */
export function proposalRoutes(
  edge: Edge<Send>,
  { ledgerStoreOf, nowMs }: { ledgerStoreOf: (tx: Transaction) => LedgerStore; nowMs: () => number },
): void {
  // Money is brought in rarely, so a sequential loop suffices.
  edge.write(operations.transferPropose, (requests, tx) =>
    inTurn(requests, async ({ subject, body }) => {
      const proposal = await proposeTransfer(proposalStore(tx), subject, body, nowMs());
      const { proposedAt, expiresAt, ...rest } = proposal;
      return {
        body: { ...rest, proposedAt: proposedAt.toISOString(), expiresAt: expiresAt.toISOString() },
      };
    }),
  );

  edge.write(operations.transferApprove, (requests, tx, send) =>
    inTurn(requests, async ({ subject, params: { proposalId }, traceContext }) => {
      const stores = { proposals: proposalStore(tx), ledger: ledgerStoreOf(tx) };
      const order = { proposalId, approvedBy: subject, options: { traceContext } };
      const result = await attempt(tx, () => approveTransfer(stores, send, order, nowMs()));
      if (result instanceof CodedError) return result;
      return { body: postedTransfer(result.entry!) };
    }),
  );
}

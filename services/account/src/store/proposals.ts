import type { Currency } from '@tallystick/contracts';
import type { Transaction } from '@tallystick/postgres';
import type { ProposalStore } from '../app/transfer-proposals.ts';

interface Row {
  proposal_id: string;
  proposed_by: string;
  debit_account_id: string;
  credit_account_id: string;
  amount_minor: bigint;
  currency: Currency;
  proposed_at: Date;
  expires_at: Date;
}

/** Creates the Postgres store of proposed transfers, within a transaction. */
export function proposalStore(tx: Transaction): ProposalStore {
  return {
    async insert(proposal) {
      await tx.query(
        `INSERT INTO transfer_proposal (proposal_id, proposed_by, debit_account_id, credit_account_id, amount_minor,
           currency, proposed_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          proposal.proposalId,
          proposal.proposedBy,
          proposal.debitAccountId,
          proposal.creditAccountId,
          proposal.amountMinor,
          proposal.currency,
          proposal.proposedAt,
          proposal.expiresAt,
        ],
      );
    },
    async lock(proposalId) {
      const { rows } = await tx.query<Row>(
        `SELECT proposal_id, proposed_by, debit_account_id, credit_account_id, amount_minor, currency, proposed_at, expires_at
         FROM transfer_proposal WHERE proposal_id = $1 AND approved_by IS NULL FOR UPDATE`,
        [proposalId],
      );
      const [row] = rows;
      if (row === undefined) return undefined;
      return {
        proposalId: row.proposal_id,
        proposedBy: row.proposed_by,
        debitAccountId: row.debit_account_id,
        creditAccountId: row.credit_account_id,
        amountMinor: row.amount_minor,
        currency: row.currency,
        proposedAt: row.proposed_at,
        expiresAt: row.expires_at,
      };
    },
    async setApproved(proposalId, approvedBy, at) {
      await tx.query(
        'UPDATE transfer_proposal SET approved_by = $2, approved_at = $3 WHERE proposal_id = $1',
        [proposalId, approvedBy, at],
      );
    },
  };
}

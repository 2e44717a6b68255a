-- Transfers that bring money in, proposed by one operator; another approves them.
CREATE TABLE transfer_proposal (
  proposal_id text PRIMARY KEY,
  proposed_by text NOT NULL,
  debit_account_id text NOT NULL,
  credit_account_id text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency text NOT NULL,
  proposed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  approved_by text,
  approved_at timestamptz,
  CHECK (approved_by <> proposed_by)
);

CREATE TABLE payment (
  payment_id text PRIMARY KEY,
  initiator_kind text NOT NULL CHECK (initiator_kind IN ('subject', 'producer')),
  initiator_id text NOT NULL,
  source_kind text NOT NULL CHECK (source_kind IN ('account', 'card')),
  source_id text NOT NULL,
  payee_account_id text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency text NOT NULL,
  capture text NOT NULL CHECK (capture IN ('automatic', 'manual')),
  end_to_end_id text NOT NULL,
  status text NOT NULL CHECK (status IN ('requested', 'authorized', 'captured', 'cancelled', 'failed', 'refunded')),
  captured_minor bigint NOT NULL,
  refunded_minor bigint NOT NULL,
  capturing_minor bigint NOT NULL CHECK (capturing_minor >= 0),
  refunding_minor bigint NOT NULL CHECK (refunding_minor >= 0),
  hold_id text,
  debit_account_id text,
  hold_end text CHECK (hold_end IN ('posted', 'voided', 'expired')),
  code text,
  txn text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (captured_minor BETWEEN 0 AND amount_minor),
  CHECK (refunded_minor BETWEEN 0 AND captured_minor),
  -- A payer's own id of a payment: a retry under another payment id is still one payment.
  CONSTRAINT payment_end_to_end_id UNIQUE (source_id, end_to_end_id)
  -- Each payment is written a few times and no indexed column changes: room in the page keeps that cheap.
) WITH (fillfactor = 70);
CREATE INDEX payment_initiator ON payment (initiator_id, payment_id DESC);
CREATE INDEX payment_payee ON payment (payee_account_id, payment_id DESC);

CREATE TABLE movement (
  transfer_id text PRIMARY KEY,
  payment_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('capture', 'refund')),
  operation_id text NOT NULL UNIQUE,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  status text NOT NULL CHECK (status IN ('requested', 'posted', 'rejected'))
) WITH (fillfactor = 80);

-- Whose an account is, as the account service tells: a payee may see and refund what their account received.
CREATE TABLE account_owner (
  account_id text PRIMARY KEY,
  owner_id text NOT NULL
);
CREATE INDEX account_owner_owner ON account_owner (owner_id);

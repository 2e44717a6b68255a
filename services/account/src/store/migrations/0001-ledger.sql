CREATE TABLE account (
  account_id text PRIMARY KEY,
  owner_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('customer', 'settlement', 'fees', 'suspense', 'outside_world')),
  currency text NOT NULL,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'frozen', 'closed')),
  -- The available balance never goes below it; null: no floor.
  floor_minor bigint DEFAULT 0,
  posted_minor bigint NOT NULL DEFAULT 0,
  pending_minor bigint NOT NULL DEFAULT 0 CHECK (pending_minor >= 0),
  opened_at timestamptz NOT NULL,
  -- The last line of defence under the ledger's own rule.
  CONSTRAINT account_floor CHECK (floor_minor IS NULL OR posted_minor - pending_minor >= floor_minor)
) WITH (fillfactor = 50);
CREATE INDEX account_owner ON account (owner_id);
CREATE UNIQUE INDEX account_outside_world ON account (owner_id, currency) WHERE kind = 'outside_world';

-- The three tables below take several rows a payment. Their accounts are locked and loaded before a row is written, so
-- foreign keys would only look the same rows up again, one by one.
CREATE TABLE hold (
  hold_id text PRIMARY KEY,
  debit_account_id text NOT NULL,
  credit_account_id text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  posted_minor bigint NOT NULL DEFAULT 0 CHECK (posted_minor BETWEEN 0 AND amount_minor),
  currency text NOT NULL,
  payment_id text NOT NULL,
  authorization_id text,
  status text NOT NULL CHECK (status IN ('open', 'posted', 'voided', 'expired')),
  expires_at timestamptz NOT NULL,
  evidence_kind text NOT NULL,
  evidence_iss text NOT NULL,
  evidence_jti text NOT NULL,
  placed_at timestamptz NOT NULL
);
CREATE INDEX hold_open_expires_at ON hold (expires_at) WHERE status = 'open';

CREATE TABLE transfer (
  transfer_id text PRIMARY KEY,
  debit_account_id text NOT NULL,
  credit_account_id text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency text NOT NULL,
  payment_id text,
  hold_id text,
  refund boolean NOT NULL,
  -- What its owner signed; a transfer that posts a hold rests on the hold's evidence.
  evidence_kind text,
  evidence_iss text,
  evidence_jti text,
  posted_at timestamptz NOT NULL,
  CHECK (debit_account_id <> credit_account_id),
  CHECK (hold_id IS NOT NULL OR evidence_jti IS NOT NULL)
);
CREATE INDEX transfer_payment ON transfer (payment_id) WHERE payment_id IS NOT NULL;

CREATE TABLE entry (
  entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id text NOT NULL,
  transfer_id text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  balance_minor bigint NOT NULL,
  posted_at timestamptz NOT NULL
);
CREATE INDEX entry_account ON entry (account_id, entry_id DESC);

CREATE TABLE mandate (
  mandate_id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES account,
  owner_id text NOT NULL,
  grantee_kind text NOT NULL CHECK (grantee_kind IN ('producer', 'card')),
  grantee_id text NOT NULL,
  currency text NOT NULL,
  per_payment_minor bigint NOT NULL,
  per_day_minor bigint NOT NULL,
  per_month_minor bigint NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'withdrawn')),
  granted_at timestamptz NOT NULL,
  withdrawn_at timestamptz
);
CREATE UNIQUE INDEX mandate_active ON mandate (account_id, grantee_kind, grantee_id) WHERE status = 'active';
CREATE INDEX mandate_owner ON mandate (owner_id);

-- What was authorized under a mandate in a UTC day (2026-11-24) or month (2026-11).
CREATE TABLE mandate_usage (
  mandate_id text NOT NULL REFERENCES mandate,
  period text NOT NULL,
  used_minor bigint NOT NULL,
  PRIMARY KEY (mandate_id, period)
);

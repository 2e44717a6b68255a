CREATE TABLE card (
  card_id text PRIMARY KEY,
  owner_id text NOT NULL,
  account_id text NOT NULL,
  mandate_id text NOT NULL UNIQUE,
  currency text NOT NULL,
  per_payment_minor bigint NOT NULL,
  per_day_minor bigint NOT NULL,
  per_month_minor bigint NOT NULL,
  -- AES-256-GCM, bound to this row.
  number_encrypted bytea NOT NULL,
  -- HMAC-SHA256: how a number is found without being read.
  number_fingerprint bytea NOT NULL UNIQUE,
  last4 text NOT NULL,
  expiry text NOT NULL,
  status text NOT NULL CHECK (status IN ('issued', 'active', 'refused')),
  code text,
  issued_at timestamptz NOT NULL
);
CREATE INDEX card_owner ON card (owner_id);

CREATE TABLE card_authorization (
  authorization_id text PRIMARY KEY,
  card_id text NOT NULL REFERENCES card,
  payment_id text NOT NULL,
  payee_account_id text NOT NULL,
  debit_account_id text NOT NULL,
  hold_id text NOT NULL UNIQUE,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  cleared_minor bigint NOT NULL DEFAULT 0,
  currency text NOT NULL,
  status text NOT NULL CHECK (status IN ('requested', 'approved', 'declined', 'ended')),
  code text,
  requested_at timestamptz NOT NULL
);
CREATE INDEX card_authorization_card ON card_authorization (card_id, authorization_id DESC);

-- What was authorized on a card in a UTC day (2026-11-24) or month (2026-11).
CREATE TABLE card_usage (
  card_id text NOT NULL REFERENCES card,
  period text NOT NULL,
  used_minor bigint NOT NULL,
  PRIMARY KEY (card_id, period)
);

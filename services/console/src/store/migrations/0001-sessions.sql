-- Sign-ins that wait for the browser to come back from auth. The cookie has the id, the table its SHA-256.
CREATE TABLE pending_sign_in (
  id_digest  bytea       PRIMARY KEY,
  -- The request's secrets and the DPoP key, encrypted for this row.
  sealed     bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pending_sign_in_created_at ON pending_sign_in (created_at);

-- Operators who are signed in.
CREATE TABLE session (
  id_digest   bytea       PRIMARY KEY,
  operator_id text        NOT NULL,
  -- The tokens and the DPoP key, encrypted for this row.
  sealed      bytea       NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  used_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_used_at ON session (used_at);

-- The first answer to each Idempotency-Key, so that a repeated request gets it again.
CREATE TABLE idempotency_key (
  subject text NOT NULL,
  key text NOT NULL,
  request_digest bytea NOT NULL,
  status smallint,
  body text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subject, key)
);
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);

-- DPoP proofs that were used, for as long as they would still be accepted (RFC 9449 §11.1).
CREATE TABLE used_proof (
  key_thumbprint text NOT NULL,
  jti text NOT NULL,
  remember_until timestamptz NOT NULL,
  PRIMARY KEY (key_thumbprint, jti)
);
CREATE INDEX used_proof_remember_until ON used_proof (remember_until);

-- The keys of message producers, each with the certificate that says what it may be used for.
CREATE TABLE producer_keys (
  -- RFC 7638 thumbprint.
  kid           text        PRIMARY KEY,
  producer_id   text        NOT NULL,
  public_jwk    jsonb       NOT NULL,
  use           text        NOT NULL CHECK (use IN ('sig', 'enc')),
  permissions   jsonb       NOT NULL,
  -- Times in seconds since the epoch, as in the certificate.
  not_before_s  bigint      NOT NULL,
  expires_at_s  bigint      NOT NULL,
  status        text        NOT NULL CHECK (status IN ('active', 'retired', 'revoked')),
  revoked_since_s bigint    CHECK ((status = 'revoked') = (revoked_since_s IS NOT NULL)),
  -- Compact JWS, byte for byte as published: the snapshot lists its digest.
  certificate   text        NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX producer_keys_producer ON producer_keys (producer_id);

-- The version of the last snapshot. Its one row is locked by whoever changes keys, so that versions only grow.
CREATE TABLE key_snapshot (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version      bigint  NOT NULL,
  issued_at_s  bigint  NOT NULL
);
INSERT INTO key_snapshot (version, issued_at_s) VALUES (0, 0);

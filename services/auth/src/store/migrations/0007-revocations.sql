-- Tokens that ended early. Each row is published on the key topic, and deleted once no token that it ends can be used.
CREATE TABLE revocation (
  kind         text        NOT NULL CHECK (kind IN ('grant', 'session', 'client', 'customer')),
  id           text        NOT NULL,
  revoked_at   timestamptz NOT NULL,
  is_published boolean     NOT NULL DEFAULT false,
  PRIMARY KEY (kind, id)
);
CREATE INDEX revocation_unpublished ON revocation (revoked_at) WHERE NOT is_published;
CREATE INDEX revocation_revoked_at ON revocation (revoked_at);

-- Clients that an operator disabled. A client of the seed has no row of its own to mark.
CREATE TABLE disabled_client (
  client_id   text        PRIMARY KEY,
  disabled_at timestamptz NOT NULL
);
ALTER TABLE customer ADD COLUMN disabled_at timestamptz;

-- The consents of a customer.
CREATE INDEX oidc_record_account ON oidc_record ((payload ->> 'accountId'), model)
  WHERE model IN ('Grant', 'Session');

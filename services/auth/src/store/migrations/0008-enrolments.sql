-- One-time invitations to register a key, by the SHA-256 of their codes.
CREATE TABLE enrolment (
  code_digest text        PRIMARY KEY,
  producer_id text        NOT NULL,
  permissions jsonb       NOT NULL,
  batch       boolean     NOT NULL,
  -- The client that invited.
  created_by  text        NOT NULL,
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz
);
CREATE INDEX enrolment_expires_at ON enrolment (expires_at);

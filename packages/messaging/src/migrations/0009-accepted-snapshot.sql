-- The newest snapshot of keys that a process of this service accepted: an older one is refused after a restart too.
CREATE TABLE accepted_snapshot (
  only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version       bigint  NOT NULL,
  -- SHA-256 of its text, base64url.
  digest        text    NOT NULL,
  registrar_kid text    NOT NULL
);

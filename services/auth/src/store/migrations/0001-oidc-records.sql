-- Everything the authorization server keeps: sessions, interactions, grants, codes, refresh tokens, clients, replay marks.
CREATE TABLE oidc_records (
  model       text        NOT NULL,
  -- SHA-256 of the value where the value itself is a credential (codes, tokens).
  id          text        NOT NULL,
  payload     jsonb       NOT NULL,
  uid         text,
  user_code   text,
  grant_id    text,
  expires_at  timestamptz,
  consumed_at timestamptz,
  PRIMARY KEY (model, id)
);
CREATE INDEX oidc_records_uid ON oidc_records (model, uid) WHERE uid IS NOT NULL;
CREATE INDEX oidc_records_user_code ON oidc_records (model, user_code) WHERE user_code IS NOT NULL;
CREATE INDEX oidc_records_grant_id ON oidc_records (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX oidc_records_expires_at ON oidc_records (expires_at) WHERE expires_at IS NOT NULL;

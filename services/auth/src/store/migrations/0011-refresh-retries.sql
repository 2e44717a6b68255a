-- The refresh token in whose place this one was issued, and the time until which its client may ask again for a lost
-- answer. Both are null where the previous release wrote or used the token: it allows no retry.
ALTER TABLE oidc_record ADD COLUMN predecessor_id text;
ALTER TABLE oidc_record ADD COLUMN retry_until timestamptz;
CREATE INDEX oidc_record_predecessor ON oidc_record (predecessor_id) WHERE predecessor_id IS NOT NULL;

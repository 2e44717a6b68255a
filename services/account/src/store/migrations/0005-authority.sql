-- Who may post a hold. Null where the previous release placed it: only the payee posts those.
ALTER TABLE hold
  ADD COLUMN capturer_kind text CHECK (capturer_kind IN ('automatic', 'payee', 'subject', 'producer')),
  ADD COLUMN capturer_id text,
  ADD CHECK ((capturer_kind IN ('subject', 'producer')) = (capturer_id IS NOT NULL));

-- The orders over HTTP that moved money, each by the digest of its name: its customer, its source and its end-to-end id.
CREATE TABLE wish (
  wish text PRIMARY KEY
);

ALTER TABLE mandate
  ADD COLUMN payee_account_ids text[],
  ADD COLUMN ends_at timestamptz;
-- A replay counts the spending before it grants the mandate again.
ALTER TABLE mandate_usage DROP CONSTRAINT mandate_usage_mandate_id_fkey;

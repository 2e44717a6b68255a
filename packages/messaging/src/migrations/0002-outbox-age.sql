-- The age of a row counts from when it was written, not from when its transaction began: a long one is not relayed
-- beside the publishing from memory.
ALTER TABLE outbox ALTER COLUMN created_at SET DEFAULT clock_timestamp();

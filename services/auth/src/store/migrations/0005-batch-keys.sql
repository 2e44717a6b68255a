-- Whether a key may sign batches.
ALTER TABLE producer_keys ADD COLUMN batch boolean NOT NULL DEFAULT false;

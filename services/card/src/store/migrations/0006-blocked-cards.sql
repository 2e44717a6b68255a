-- Since when an operator blocks a card. The previous release does not ask.
ALTER TABLE card ADD COLUMN blocked_at timestamptz;

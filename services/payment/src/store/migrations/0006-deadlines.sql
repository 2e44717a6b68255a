-- Payments and movements without an answer are found by their age. The index knows ranges of pages only: rows lie in the order
-- of their creation, and their status is in no index, so an update stays within its page.
CREATE INDEX payment_created ON payment USING brin (created_at) WITH (autosummarize = on);
CREATE INDEX movement_created ON movement USING brin (created_at) WITH (autosummarize = on);

-- Up to which row each sweep has asked for the outcomes of what has no answer.
CREATE TABLE status_sweep (
  name text PRIMARY KEY,
  swept_to timestamptz NOT NULL,
  swept_id text NOT NULL
);

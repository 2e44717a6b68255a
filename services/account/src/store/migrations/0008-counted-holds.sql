-- The mandate that a hold counts against, and when it was counted: what the hold releases goes back to that day and month.
-- Null by the owner's own order, and where the previous release placed it.
ALTER TABLE hold
  ADD COLUMN mandate_id text,
  ADD COLUMN counted_at timestamptz;

-- Rows stay for some hours once the brokers have them. A topic that is lost is published again from them, and they tell
-- which of the words that stand on Kafka under this service's name the database knows of.
ALTER TABLE outbox
  ADD COLUMN published_at timestamptz,
  -- Of the records in the row, so that nobody needs to unpack it to know what it holds.
  ADD COLUMN record_ids uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;

-- What was sent before rows were kept is known.
INSERT INTO outbox (id, records, created_at, published_at) VALUES (uuidv7(), '', 'infinity', now());

-- Since when what was published is being taken over by a database that was set back; no row where nothing is.
CREATE TABLE recall_under_way (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  since timestamptz NOT NULL
);

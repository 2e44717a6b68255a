-- A quarantined record stays as it was: it may have no value, and header names that jsonb refuses (NUL) but json keeps.
ALTER TABLE outbox ALTER COLUMN value DROP NOT NULL, ALTER COLUMN headers TYPE json USING headers::json;

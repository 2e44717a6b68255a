-- A rank may be a time in milliseconds. Rows are few: those of a start that was cut short.
ALTER TABLE recall_word ALTER COLUMN rank TYPE bigint;

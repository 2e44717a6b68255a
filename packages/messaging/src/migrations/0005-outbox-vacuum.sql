-- Rows of the outbox go after a day, and nobody reads them by an index alone: to vacuum them because some were added would
-- write each page anew, and to the log a second time, for nothing. What is deleted is vacuumed as ever.
ALTER TABLE outbox SET (
  autovacuum_vacuum_insert_threshold = -1,
  toast.autovacuum_vacuum_insert_threshold = -1
);

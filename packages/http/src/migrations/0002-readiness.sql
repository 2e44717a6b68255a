-- One row that each look at readiness writes: a database that only reads, or whose disk is full, takes no order.
CREATE TABLE readiness (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  asked_at timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO readiness (asked_at) VALUES (now());

-- The card numbers of a producer on a UTC day (2026-11-24) that no card has.
CREATE TABLE tokenize_miss (
  producer_id text PRIMARY KEY,
  day text NOT NULL,
  misses bigint NOT NULL
);

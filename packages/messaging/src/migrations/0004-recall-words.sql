-- What Kafka has of this service and this database does not know, while it is being taken over: from here it comes in its
-- order, however much it is, and a start that was cut short finds it again. A row holds one packed record.
CREATE TABLE recall_word (
  jti uuid PRIMARY KEY,
  rank integer NOT NULL,
  record bytea NOT NULL
);
CREATE INDEX recall_word_order ON recall_word (rank, jti);
ALTER TABLE recall_word ALTER COLUMN record SET STORAGE EXTERNAL;

-- What was taken in already; (iss, jti) for as long as the message would still be accepted.
CREATE TABLE inbox (
  iss text NOT NULL,
  jti text NOT NULL,
  remember_until timestamptz NOT NULL,
  PRIMARY KEY (iss, jti)
);
-- Rows come in about the order of their time, so a few bytes a block find the old ones.
CREATE INDEX inbox_remember_until ON inbox USING brin (remember_until);

-- Evidence that this service acted on, for as long as it could be used again.
CREATE TABLE used_evidence (
  iss text NOT NULL,
  jti text NOT NULL,
  usable_until timestamptz NOT NULL,
  PRIMARY KEY (iss, jti)
);
CREATE INDEX used_evidence_usable_until ON used_evidence USING brin (usable_until);

-- What is to be published, as committed with the state that it tells of: a row a transaction, all its records packed.
-- A row goes once the broker has them.
CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  records bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
-- Signed text does not compress; trying costs more than the disk it saves.
ALTER TABLE outbox ALTER COLUMN records SET STORAGE EXTERNAL;

-- Where each partition goes on. Moving it from the value that was read fences off an owner that lost the partition.
CREATE TABLE consumer_position (
  topic text NOT NULL,
  partition integer NOT NULL,
  next bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);

-- What was taken in already; (iss, jti) for as long as the message would still be accepted.
CREATE TABLE inbox (
  iss text NOT NULL,
  jti text NOT NULL,
  remember_until timestamptz NOT NULL,
  PRIMARY KEY (iss, jti)
);
CREATE INDEX inbox_remember_until ON inbox (remember_until);

-- What is to be published, as committed with the state that it tells of. A row goes once the broker has it.
CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  topic text NOT NULL,
  key bytea,
  value bytea NOT NULL,
  headers jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Where each partition goes on. Moving it from the value that was read fences off an owner that lost the partition.
CREATE TABLE consumer_position (
  topic text NOT NULL,
  partition integer NOT NULL,
  next bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);

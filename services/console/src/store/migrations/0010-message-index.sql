-- What the console knows of each record of the topics: metadata, the result of its checks, and fields that are not confidential.
CREATE TABLE indexed_record (
  record_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  partition integer NOT NULL,
  record_offset bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  record_key text,
  type text,
  version integer,
  issuer text,
  kid text,
  jti text,
  txn text,
  cause text,
  trace_id text,
  -- The check that failed, and why; both null if the message passed.
  failed_check text,
  code text,
  detail text,
  -- Encrypted to another service: nobody else can check what is inside.
  is_encrypted boolean NOT NULL,
  evidence jsonb,
  facts jsonb,
  value_bytes integer NOT NULL,
  UNIQUE (topic, partition, record_offset)
);
CREATE INDEX indexed_record_by_time ON indexed_record (recorded_at);
CREATE INDEX indexed_record_refused ON indexed_record (issuer, recorded_at) WHERE failed_check IS NOT NULL;
CREATE INDEX indexed_record_refused_by_time ON indexed_record (recorded_at) WHERE failed_check IS NOT NULL;
CREATE INDEX indexed_record_by_type ON indexed_record (type, recorded_at);

-- The ids by which a record is found.
CREATE TABLE indexed_id (
  id text NOT NULL,
  recorded_at timestamptz NOT NULL,
  record_no bigint NOT NULL,
  PRIMARY KEY (id, recorded_at, record_no)
);
CREATE INDEX indexed_id_by_record ON indexed_id (record_no);

-- The next offset of each partition.
CREATE TABLE indexed_position (
  topic text NOT NULL,
  partition integer NOT NULL,
  next bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);

-- The records of quarantines, so that they can be grouped and searched.
CREATE TABLE quarantined_record (
  -- The topic that the record was on before, without the prefix.
  topic text NOT NULL,
  -- The offset in the quarantine, which has one partition.
  quarantine_offset bigint NOT NULL,
  quarantined_at timestamptz NOT NULL,
  reason text NOT NULL,
  failed_check text NOT NULL,
  detail text,
  consumer text NOT NULL,
  source_partition integer,
  source_offset bigint,
  record_key text,
  type text,
  version integer,
  issuer text,
  jti text,
  -- What the value looks like: a type with its version, or why it has none.
  shape text NOT NULL,
  -- Whether the value is kept whole, so that the record can be released.
  is_whole boolean NOT NULL,
  value_bytes integer NOT NULL,
  claims jsonb,
  -- Digest of topic, reason, check, issuer and shape: records with one cause.
  group_key text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'released', 'discarded')),
  PRIMARY KEY (topic, quarantine_offset)
);
CREATE INDEX quarantined_record_waiting ON quarantined_record (group_key, quarantined_at DESC, topic, quarantine_offset DESC)
  WHERE state = 'waiting';
CREATE INDEX quarantined_record_by_time ON quarantined_record (quarantined_at) INCLUDE (group_key);

-- The records of each cause, counted as they are written: a page that counts them itself takes longer with each record.
CREATE TABLE quarantine_group (
  group_key text PRIMARY KEY,
  waiting bigint NOT NULL,
  -- Those of the waiting records that can be released.
  whole bigint NOT NULL,
  released bigint NOT NULL,
  discarded bigint NOT NULL
);
CREATE INDEX quarantine_group_by_size ON quarantine_group (waiting DESC, group_key) WHERE waiting > 0;

CREATE FUNCTION count_quarantined() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE quarantine_group g SET waiting = g.waiting - gone.waiting, whole = g.whole - gone.whole,
      released = g.released - gone.released, discarded = g.discarded - gone.discarded
    FROM (SELECT group_key, count(*) FILTER (WHERE state = 'waiting') AS waiting,
        count(*) FILTER (WHERE state = 'waiting' AND is_whole) AS whole,
        count(*) FILTER (WHERE state = 'released') AS released, count(*) FILTER (WHERE state = 'discarded') AS discarded
      FROM old_records GROUP BY group_key) AS gone
    WHERE g.group_key = gone.group_key;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO quarantine_group AS g (group_key, waiting, whole, released, discarded)
    SELECT group_key, count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'waiting' AND is_whole),
      count(*) FILTER (WHERE state = 'released'), count(*) FILTER (WHERE state = 'discarded')
    FROM new_records GROUP BY group_key ORDER BY group_key
    ON CONFLICT (group_key) DO UPDATE SET waiting = g.waiting + excluded.waiting, whole = g.whole + excluded.whole,
      released = g.released + excluded.released, discarded = g.discarded + excluded.discarded;
  ELSE
    DELETE FROM quarantine_group WHERE group_key IN (SELECT group_key FROM old_records)
      AND waiting = 0 AND released = 0 AND discarded = 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER quarantined_record_inserted AFTER INSERT ON quarantined_record
  REFERENCING NEW TABLE AS new_records FOR EACH STATEMENT EXECUTE FUNCTION count_quarantined();
CREATE TRIGGER quarantined_record_updated AFTER UPDATE ON quarantined_record
  REFERENCING OLD TABLE AS old_records NEW TABLE AS new_records FOR EACH STATEMENT EXECUTE FUNCTION count_quarantined();
CREATE TRIGGER quarantined_record_deleted AFTER DELETE ON quarantined_record
  REFERENCING OLD TABLE AS old_records FOR EACH STATEMENT EXECUTE FUNCTION count_quarantined();

-- What operators did with a record. It stays if the index is read again from the topics.
CREATE TABLE quarantine_act (
  topic text NOT NULL,
  quarantine_offset bigint NOT NULL,
  act text NOT NULL CHECK (act IN ('released', 'discarded')),
  job_id text NOT NULL,
  acted_at timestamptz NOT NULL,
  PRIMARY KEY (topic, quarantine_offset)
);

CREATE TABLE quarantine_job (
  job_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('dry_run', 'release', 'discard')),
  actor text NOT NULL,
  client_id text,
  reason text NOT NULL,
  created_at timestamptz NOT NULL,
  records bigint NOT NULL,
  -- Until then one process works on it; another goes on if that one does not.
  leased_until timestamptz,
  finished_at timestamptz
);
CREATE INDEX quarantine_job_by_time ON quarantine_job (created_at DESC, job_id DESC);
CREATE INDEX quarantine_job_running ON quarantine_job (created_at) WHERE finished_at IS NULL;

CREATE TABLE quarantine_job_record (
  job_id text NOT NULL REFERENCES quarantine_job,
  topic text NOT NULL,
  quarantine_offset bigint NOT NULL,
  -- What happened or would happen; null until then.
  outcome text,
  code text,
  detail text,
  PRIMARY KEY (job_id, topic, quarantine_offset)
);
CREATE INDEX quarantine_job_record_left ON quarantine_job_record (job_id, topic, quarantine_offset) WHERE outcome IS NULL;

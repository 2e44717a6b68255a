-- Decisions, as they were written. Rows are inserted in the transaction of the decision and never change.
CREATE TABLE audit_entry (
  entry_id text PRIMARY KEY,
  -- The entry as canonical JSON (RFC 8785): the hashed bytes.
  content text NOT NULL,
  actor text NOT NULL GENERATED ALWAYS AS (content::jsonb ->> 'actor') STORED,
  action text NOT NULL GENERATED ALWAYS AS (content::jsonb ->> 'action') STORED,
  object text GENERATED ALWAYS AS (content::jsonb ->> 'object') STORED
);

-- The chain: each hash covers the hash before it and an entry. Only the trigger below writes it.
CREATE TABLE audit_link (
  seq bigint PRIMARY KEY CHECK (seq > 0),
  entry_id text NOT NULL UNIQUE REFERENCES audit_entry,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE INDEX audit_entry_by_actor ON audit_entry (actor, entry_id DESC);
CREATE INDEX audit_entry_by_object ON audit_entry (object, entry_id DESC) WHERE object IS NOT NULL;

-- The last entry that the topic has.
CREATE TABLE audit_told (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  seq bigint NOT NULL
);
INSERT INTO audit_told (seq) VALUES (0);

-- Links an entry to the chain as its transaction commits, so that the lock on the end of the chain is held for a moment,
-- and after every other lock: no deadlock is possible. It has the rights of the owner, so a service cannot write links.
CREATE FUNCTION link_audit_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  last audit_link;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('audit', 0));
  SELECT * INTO last FROM audit_link ORDER BY seq DESC LIMIT 1;
  INSERT INTO audit_link (seq, entry_id, hash) VALUES (
    coalesce(last.seq, 0) + 1,
    NEW.entry_id,
    sha256(coalesce(last.hash, decode(repeat('00', 32), 'hex')) || convert_to(NEW.content, 'UTF8'))
  );
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER audit_entry_linked AFTER INSERT ON audit_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION link_audit_entry();

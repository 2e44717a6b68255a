-- Evidence that this service acted on, for as long as it could be used again.
CREATE TABLE used_evidence (
  iss text NOT NULL,
  jti text NOT NULL,
  usable_until timestamptz NOT NULL,
  PRIMARY KEY (iss, jti)
);
CREATE INDEX used_evidence_usable_until ON used_evidence (usable_until);

-- Keys of encrypted fields and of fingerprints, wrapped by a key-encryption key (AES-256-GCM, bound to purpose and id).
-- The newest of a purpose is in use; the others still decrypt and find, until no row uses them.
CREATE TABLE data_key (
  purpose text NOT NULL CHECK (purpose IN ('encryption', 'fingerprint')),
  key_id text NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (purpose, key_id)
);

-- The previous release inserts rows without it: it has one key of fingerprints, which is imported by this id.
ALTER TABLE card ADD COLUMN number_fingerprint_key text NOT NULL DEFAULT 'imported';
CREATE INDEX card_by_fingerprint_key ON card (number_fingerprint_key);
-- The id of the key that encrypted the number, as it stands in the encrypted field.
CREATE INDEX card_by_encryption_key
  ON card ((encode(substring(number_encrypted FROM 3 FOR get_byte(number_encrypted, 1)), 'escape')));

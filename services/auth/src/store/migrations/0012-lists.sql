-- Lists of keys and of a customer's consents, newest first. A place in a list has whole milliseconds.
UPDATE producer_key SET created_at = date_trunc('milliseconds', created_at);
ALTER TABLE producer_key ALTER COLUMN created_at SET DEFAULT date_trunc('milliseconds', now());
CREATE INDEX producer_key_list ON producer_key (created_at DESC, kid DESC);
CREATE INDEX oidc_record_consent ON oidc_record
  ((payload ->> 'accountId'), (to_timestamp((payload ->> 'iat')::float)) DESC, id DESC) WHERE model = 'Grant';

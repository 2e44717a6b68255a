-- Tables have singular names everywhere. The previous release, which runs beside this one during a rollout, reads and
-- writes through views with the former names.
ALTER TABLE customers RENAME TO customer;
ALTER INDEX customers_email RENAME TO customer_email;
CREATE VIEW customers AS SELECT * FROM customer;

ALTER TABLE oidc_records RENAME TO oidc_record;
ALTER INDEX oidc_records_uid RENAME TO oidc_record_uid;
ALTER INDEX oidc_records_user_code RENAME TO oidc_record_user_code;
ALTER INDEX oidc_records_grant_id RENAME TO oidc_record_grant_id;
ALTER INDEX oidc_records_expires_at RENAME TO oidc_record_expires_at;
CREATE VIEW oidc_records AS SELECT * FROM oidc_record;

ALTER TABLE producer_keys RENAME TO producer_key;
ALTER INDEX producer_keys_producer RENAME TO producer_key_producer;
CREATE VIEW producer_keys AS SELECT * FROM producer_key;

ALTER TABLE sign_in_attempts RENAME TO sign_in_attempt;
ALTER INDEX sign_in_attempts_expire RENAME TO sign_in_attempt_expire;
CREATE VIEW sign_in_attempts AS SELECT * FROM sign_in_attempt;

-- Who captures a payment with manual capture. Null where the previous release took the order: a customer's payment is then
-- captured by the payee, a producer's by the producer.
ALTER TABLE payment ADD COLUMN captured_by text CHECK (captured_by IN ('payee', 'initiator'));
ALTER TABLE movement ADD COLUMN idempotency_key text;

-- An end-to-end id is unique for its initiator on each account or card. A payment that fails frees it, for good.
ALTER TABLE payment
  DROP CONSTRAINT payment_end_to_end_id,
  ADD COLUMN end_to_end_id_freed boolean NOT NULL DEFAULT false;
UPDATE payment SET end_to_end_id_freed = true WHERE status = 'failed';
CREATE UNIQUE INDEX payment_end_to_end_id ON payment (source_id, end_to_end_id, initiator_id, initiator_kind)
  WHERE NOT end_to_end_id_freed;

-- Lists are ordered by the time of this service's clock, not by ids, which producers choose.
DROP INDEX payment_payee;
CREATE INDEX payment_payee ON payment (payee_account_id, created_at DESC, payment_id DESC);
DROP INDEX payment_initiator_subject;
CREATE INDEX payment_initiator_subject ON payment (initiator_id, created_at DESC, payment_id DESC)
  WHERE initiator_kind = 'subject';

-- The producers that may act for an account, as the account service tells: one with the payee's mandate refunds for it.
CREATE TABLE producer_mandate (
  account_id text NOT NULL,
  producer_id text NOT NULL,
  mandate_id text NOT NULL UNIQUE,
  ends_at timestamptz,
  PRIMARY KEY (account_id, producer_id)
);

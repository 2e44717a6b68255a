-- Lists of payments: what an account paid, and what has an end-to-end id, newest first. The indexed columns never change.
CREATE INDEX payment_source ON payment (source_id, created_at DESC, payment_id DESC) WHERE source_kind = 'account';
CREATE INDEX payment_initiator_reference ON payment (initiator_id, end_to_end_id, created_at DESC, payment_id DESC)
  WHERE initiator_kind = 'subject';
CREATE INDEX payment_payee_reference ON payment (payee_account_id, end_to_end_id, created_at DESC, payment_id DESC);

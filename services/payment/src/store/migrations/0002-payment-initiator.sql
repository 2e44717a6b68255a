-- Payments are looked up by the customer who ordered them, never by a producer: those need no entry.
CREATE INDEX payment_initiator_subject ON payment (initiator_id, payment_id DESC) WHERE initiator_kind = 'subject';
DROP INDEX payment_initiator;

-- Payments are looked up by the customer who ordered them, never by a producer: those need no entry.
CREATE INDEX payment_initiator_subject ON payment (initiator_id, payment_id DESC) WHERE initiator_kind = 'subject';
DROP INDEX payment_initiator;

-- Nearly every row is written again once, all of a page in one transaction: where the page has no room for all of them
-- twice, each that goes elsewhere is entered in every index anew.
ALTER TABLE payment SET (fillfactor = 47);
ALTER TABLE movement SET (fillfactor = 47);

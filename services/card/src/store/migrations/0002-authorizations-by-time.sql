-- The list is ordered by the clock of this service: ids follow from the holder's order, signed at some second before.
DROP INDEX card_authorization_card;
CREATE INDEX card_authorization_card ON card_authorization (card_id, requested_at DESC, authorization_id DESC);

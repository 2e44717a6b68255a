-- The list of an owner's cards, newest first. It leads with the column of the index that it replaces.
CREATE INDEX card_list ON card (owner_id, issued_at DESC, card_id DESC);
DROP INDEX card_owner;

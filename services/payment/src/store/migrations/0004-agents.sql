-- Third parties that refunded a payment for its payee, as a JSON array; null if there are none.
ALTER TABLE payment ADD COLUMN agent_ids jsonb;

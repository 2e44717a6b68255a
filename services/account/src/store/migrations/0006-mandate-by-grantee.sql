-- Operators withdraw all mandates of a party.
CREATE INDEX mandate_by_grantee ON mandate (grantee_id) WHERE status = 'active';

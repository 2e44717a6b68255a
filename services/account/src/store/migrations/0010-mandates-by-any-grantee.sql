-- Operators list the mandates of a party, also those that were withdrawn.
CREATE INDEX mandate_list_by_grantee ON mandate (grantee_id, granted_at DESC, mandate_id DESC);

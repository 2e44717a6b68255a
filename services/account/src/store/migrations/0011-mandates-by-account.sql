-- The lists of a party's mandates have an index that leads with the grantee too. Over few rows, the planner took this one
-- for the mandate of a payment, and read all mandates of its third party.
DROP INDEX mandate_by_grantee;

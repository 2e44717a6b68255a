-- The account that stands for money outside the ledger is an external (nostro) account. The previous release may still
-- open one under the former name.
ALTER TABLE account DROP CONSTRAINT account_kind_check;
ALTER TABLE account ADD CONSTRAINT account_kind_check
  CHECK (kind IN ('customer', 'settlement', 'fees', 'suspense', 'external', 'outside_world'));
UPDATE account SET kind = 'external' WHERE kind = 'outside_world';
CREATE UNIQUE INDEX account_external ON account (owner_id, currency) WHERE kind = 'external';

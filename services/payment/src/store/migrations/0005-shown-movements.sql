-- A capture, a refund and a cancellation show their outcome, also a refusal by the ledger. Movements of the previous release
-- count from this migration, and are listed under ids of their own kind.
ALTER TABLE movement
  ADD COLUMN code text,
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now());
UPDATE movement SET operation_id = CASE kind WHEN 'capture' THEN 'cap_' ELSE 'rfd_' END || substr(operation_id, 5)
  WHERE operation_id LIKE 'trf\_%';
CREATE INDEX movement_payment ON movement (payment_id, kind, created_at DESC, transfer_id DESC);
ALTER TABLE payment
  ADD COLUMN cancellation_status text CHECK (cancellation_status IN ('requested', 'carried_out', 'rejected')),
  ADD COLUMN cancellation_code text;

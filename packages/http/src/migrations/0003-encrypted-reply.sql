-- An answer with confidential fields, encrypted by the service's field keys; body is null then.
ALTER TABLE idempotency_key ADD COLUMN body_encrypted bytea;

-- Earlier releases kept the card number of a new card in the clear.
UPDATE idempotency_key SET body = (body::jsonb - 'number')::text
  WHERE body LIKE '%"number"%' AND jsonb_typeof(body::jsonb) = 'object' AND body::jsonb ? 'number';

ALTER TABLE outbox
  -- Until when whoever relays a row has for it. Nobody holds a lock on it while the brokers are asked: they may be away for
  -- long, and the transaction that marks the row would wait.
  ADD COLUMN leased_until timestamptz,
  -- When a row that the brokers refused is offered to them again.
  ADD COLUMN offered_again_at timestamptz;

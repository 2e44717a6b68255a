-- Until when whoever relays a row has for it. Nobody holds a lock on it while the brokers are asked: they may be away for
-- long, and the transaction that marks the row would wait.
ALTER TABLE outbox ADD COLUMN leased_until timestamptz;

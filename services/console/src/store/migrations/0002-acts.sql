-- What operators did through the console, each with the reason that they gave. The services' audits have who and what.
CREATE TABLE act (
  act_id      text        PRIMARY KEY,
  occurred_at timestamptz NOT NULL,
  operator_id text        NOT NULL,
  operator_name text      NOT NULL,
  -- The id of the operation.
  operation   text        NOT NULL,
  object      text        NOT NULL,
  reason      text        NOT NULL,
  -- done, or the code of the refusal.
  outcome     text        NOT NULL
);
CREATE INDEX act_occurred_at ON act (occurred_at DESC, act_id DESC);
CREATE INDEX act_object ON act (object, occurred_at DESC, act_id DESC);

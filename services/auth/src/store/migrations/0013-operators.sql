-- People who are operators. They sign in to clients for operators, and are no customers.
CREATE TABLE operator (
  id              text        PRIMARY KEY,
  email           text        NOT NULL,
  -- The canonical form of the address, by which the service finds the operator.
  email_canonical text        NOT NULL UNIQUE,
  name            text        NOT NULL,
  -- PHC string: argon2id with its parameters and salt.
  password_hash   text        NOT NULL,
  roles           text[]      NOT NULL,
  disabled_at     timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now()
);

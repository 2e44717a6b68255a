CREATE TABLE customers (
  id            text        PRIMARY KEY,
  email         text        NOT NULL,
  name          text,
  -- PHC string: argon2id with its parameters and salt.
  password_hash text        NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX customers_email ON customers (lower(email));

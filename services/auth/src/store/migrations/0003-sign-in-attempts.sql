-- Failed sign-ins by account and by address, in the columns of rate-limiter-flexible. `expire` is milliseconds since
-- the epoch; the library subtracts it from a number, so it is no bigint.
CREATE TABLE sign_in_attempts (
  key    varchar(255)     PRIMARY KEY,
  points integer          NOT NULL DEFAULT 0,
  expire double precision
);
CREATE INDEX sign_in_attempts_expire ON sign_in_attempts (expire);

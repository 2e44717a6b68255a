-- A database for each service, owned by a role of its own that can open no other. Passwords come from the environment.
\getenv auth AUTH_PASSWORD
CREATE ROLE auth LOGIN PASSWORD :'auth';
CREATE DATABASE auth OWNER auth;
REVOKE CONNECT ON DATABASE auth FROM PUBLIC;

\getenv account ACCOUNT_PASSWORD
CREATE ROLE account LOGIN PASSWORD :'account';
CREATE DATABASE account OWNER account;
REVOKE CONNECT ON DATABASE account FROM PUBLIC;

\getenv card CARD_PASSWORD
CREATE ROLE card LOGIN PASSWORD :'card';
CREATE DATABASE card OWNER card;
REVOKE CONNECT ON DATABASE card FROM PUBLIC;

\getenv payment PAYMENT_PASSWORD
CREATE ROLE payment LOGIN PASSWORD :'payment';
CREATE DATABASE payment OWNER payment;
REVOKE CONNECT ON DATABASE payment FROM PUBLIC;

-- Creates a database for each service, with two roles that cannot open another database: the owner, which runs the
-- migration, and the service's role, to which the migration grants privileges. Passwords come from the environment.
\getenv owner AUTH_OWNER_PASSWORD
\getenv service AUTH_PASSWORD
CREATE ROLE auth_owner LOGIN PASSWORD :'owner';
CREATE ROLE auth LOGIN PASSWORD :'service';
CREATE DATABASE auth OWNER auth_owner;
REVOKE CONNECT ON DATABASE auth FROM PUBLIC;

\getenv owner ACCOUNT_OWNER_PASSWORD
\getenv service ACCOUNT_PASSWORD
CREATE ROLE account_owner LOGIN PASSWORD :'owner';
CREATE ROLE account LOGIN PASSWORD :'service';
CREATE DATABASE account OWNER account_owner;
REVOKE CONNECT ON DATABASE account FROM PUBLIC;

\getenv owner CARD_OWNER_PASSWORD
\getenv service CARD_PASSWORD
CREATE ROLE card_owner LOGIN PASSWORD :'owner';
CREATE ROLE card LOGIN PASSWORD :'service';
CREATE DATABASE card OWNER card_owner;
REVOKE CONNECT ON DATABASE card FROM PUBLIC;

\getenv owner PAYMENT_OWNER_PASSWORD
\getenv service PAYMENT_PASSWORD
CREATE ROLE payment_owner LOGIN PASSWORD :'owner';
CREATE ROLE payment LOGIN PASSWORD :'service';
CREATE DATABASE payment OWNER payment_owner;
REVOKE CONNECT ON DATABASE payment FROM PUBLIC;

\getenv owner CONSOLE_OWNER_PASSWORD
\getenv service CONSOLE_PASSWORD
CREATE ROLE console_owner LOGIN PASSWORD :'owner';
CREATE ROLE console LOGIN PASSWORD :'service';
CREATE DATABASE console OWNER console_owner;
REVOKE CONNECT ON DATABASE console FROM PUBLIC;

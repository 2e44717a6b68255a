-- The canonical form of the address, by which the service finds the customer. Null where the previous release wrote the row.
ALTER TABLE customer ADD COLUMN email_canonical text;
CREATE UNIQUE INDEX customer_email_canonical ON customer (email_canonical);

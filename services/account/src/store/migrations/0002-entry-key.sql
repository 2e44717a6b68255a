-- Entries are only ever read account by account: one index that leads with the account serves as the key too.
DROP INDEX entry_account;
ALTER TABLE entry DROP CONSTRAINT entry_pkey;
ALTER TABLE entry ADD PRIMARY KEY (account_id, entry_id);

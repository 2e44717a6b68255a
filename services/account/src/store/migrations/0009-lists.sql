-- Lists of an owner's accounts and mandates, newest first. Each index leads with the column of the one that it replaces.
CREATE INDEX account_list ON account (owner_id, opened_at DESC, account_id DESC);
DROP INDEX account_owner;
CREATE INDEX mandate_list ON mandate (owner_id, granted_at DESC, mandate_id DESC);
DROP INDEX mandate_owner;

-- An entry leads to its lines by their numbers, also one that was posted before lines had numbers.
UPDATE journal_entry e
SET debit_sequence = debit.sequence, credit_sequence = credit.sequence
FROM journal_line debit, journal_line credit
WHERE e.debit_sequence IS NULL AND e.debit_account_id IS NOT NULL
  AND debit.account_id = e.debit_account_id AND debit.entry_id = e.entry_id
  AND credit.account_id = e.credit_account_id AND credit.entry_id = e.entry_id;

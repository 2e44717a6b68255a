-- The ledger speaks journal entries: any number of legs, numbered lines on each account, a time that orders what happened
-- to an account. Lines are copied, since each gets its number: writers wait for as long, about a minute for 10 million.
LOCK TABLE account, transfer, entry IN ACCESS EXCLUSIVE MODE;

ALTER TABLE transfer RENAME TO journal_entry;
ALTER TABLE journal_entry RENAME COLUMN transfer_id TO entry_id;
ALTER INDEX transfer_pkey RENAME TO journal_entry_pkey;
ALTER INDEX transfer_payment RENAME TO journal_entry_payment;
ALTER TABLE journal_entry
  -- An entry of two legs says here what it moved, so that it is known without its lines. One of more legs says it in them.
  ALTER COLUMN debit_account_id DROP NOT NULL,
  ALTER COLUMN credit_account_id DROP NOT NULL,
  ALTER COLUMN amount_minor DROP NOT NULL,
  ALTER COLUMN currency DROP NOT NULL,
  ADD CHECK (num_nulls(debit_account_id, credit_account_id, amount_minor, currency) IN (0, 4)),
  -- The lines of an entry of two legs, found by their account; null where the previous release posted it.
  ADD COLUMN debit_sequence bigint,
  ADD COLUMN credit_sequence bigint;

CREATE TABLE journal_line (
  account_id text NOT NULL,
  -- Number of the line among those of its account: 1, 2, 3, ...
  sequence bigint NOT NULL CHECK (sequence > 0),
  entry_id text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  currency text NOT NULL,
  balance_minor bigint NOT NULL,
  posted_at timestamptz NOT NULL,
  -- Of how many lines the entry consists.
  legs smallint NOT NULL DEFAULT 2 CHECK (legs BETWEEN 2 AND 16)
);
INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, posted_at)
SELECT account_id, row_number() OVER (PARTITION BY account_id ORDER BY entry.entry_id), transfer_id, amount_minor, currency,
       balance_minor, posted_at
FROM entry LEFT JOIN account USING (account_id);
DROP TABLE entry;
ALTER TABLE journal_line ADD PRIMARY KEY (account_id, sequence);
-- Lines are read account by account. Only an entry of more than two legs is asked for all of its own.
CREATE INDEX journal_line_of_many ON journal_line (entry_id) WHERE legs > 2;

ALTER TABLE account
  -- Number of its last line.
  ADD COLUMN sequence bigint NOT NULL DEFAULT 0,
  -- Time of the last batch that changed it.
  ADD COLUMN posted_at timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE hold
  -- Null while it is open, and where the previous release ended it.
  ADD COLUMN ended_at timestamptz;
UPDATE account SET sequence = lines.sequence, posted_at = lines.posted_at
FROM (SELECT account_id, max(sequence) AS sequence, max(posted_at) AS posted_at FROM journal_line GROUP BY account_id) AS lines
WHERE account.account_id = lines.account_id;

-- For one release: the previous one runs beside this one, and knows these names.
CREATE VIEW transfer AS
  SELECT entry_id AS transfer_id, debit_account_id, credit_account_id, amount_minor, currency, payment_id, hold_id, refund,
         evidence_kind, evidence_iss, evidence_jti, posted_at
  FROM journal_entry WHERE debit_account_id IS NOT NULL;
CREATE VIEW entry AS
  SELECT sequence AS entry_id, account_id, entry_id AS transfer_id, amount_minor, balance_minor, posted_at FROM journal_line;

CREATE FUNCTION insert_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO journal_entry (entry_id, debit_account_id, credit_account_id, amount_minor, currency, payment_id, hold_id,
    refund, evidence_kind, evidence_iss, evidence_jti, posted_at)
  VALUES (NEW.transfer_id, NEW.debit_account_id, NEW.credit_account_id, NEW.amount_minor, NEW.currency, NEW.payment_id,
    NEW.hold_id, NEW.refund, NEW.evidence_kind, NEW.evidence_iss, NEW.evidence_jti, NEW.posted_at);
  RETURN NEW;
END $$;
CREATE TRIGGER transfer_insert INSTEAD OF INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION insert_transfer();

-- The previous release has locked the account: the line's number is the account's next.
CREATE FUNCTION insert_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  counted account%ROWTYPE;
BEGIN
  UPDATE account SET sequence = sequence + 1, posted_at = greatest(posted_at, NEW.posted_at)
  WHERE account_id = NEW.account_id RETURNING * INTO STRICT counted;
  INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, posted_at)
  VALUES (NEW.account_id, counted.sequence, NEW.transfer_id, NEW.amount_minor, counted.currency, NEW.balance_minor,
    NEW.posted_at);
  RETURN NEW;
END $$;
CREATE TRIGGER entry_insert INSTEAD OF INSERT ON entry FOR EACH ROW EXECUTE FUNCTION insert_entry();

import { insertRows, rowSource, type Transaction } from '@tallystick/postgres';
import type { BookChanges } from '../domain/book.ts';
import type { BatchDecision, DecidedBy } from '../domain/decide.ts';
import type { JournalEntry } from '../domain/entry.ts';

interface Posted {
  entry: JournalEntry;
  /** The resulting balances of its legs, in their order. */
  balancesMinor: readonly bigint[];
}

/** Inserts the entries of a batch with their lines: one statement for entries of two legs, two for all others. */
export function insertEntries(tx: Transaction, decision: BatchDecision): void {
  const posted = postedOf(decision.posting);
  insertTransfers(
    tx,
    decision,
    posted.filter(({ entry }) => entry.legs.length === 2),
  );
  insertEntriesOfMany(
    tx,
    decision,
    posted.filter(({ entry }) => entry.legs.length > 2),
  );
}

/** Lines are in the order of their entries. */
function postedOf({ entries, lines }: BookChanges): Posted[] {
  let at = 0;
  return entries.map((entry) => {
    const those = lines.slice(at, (at += entry.legs.length));
    return { entry, balancesMinor: those.map(({ balanceMinor }) => balanceMinor) };
  });
}

const transfers = rowSource<Posted & { authority: DecidedBy | undefined }>({
  entry_id: ['text', ({ entry }) => entry.entryId],
  debit_account_id: ['text', ({ entry }) => entry.legs[0]!.accountId],
  credit_account_id: ['text', ({ entry }) => entry.legs[1]!.accountId],
  amount_minor: ['bigint', ({ entry }) => entry.legs[1]!.amountMinor],
  currency: ['text', ({ entry }) => entry.legs[0]!.currency, 'shared'],
  debit_sequence: ['bigint', ({ entry }) => entry.legs[0]!.sequence],
  credit_sequence: ['bigint', ({ entry }) => entry.legs[1]!.sequence],
  debit_balance_minor: ['bigint', ({ balancesMinor }) => balancesMinor[0]],
  credit_balance_minor: ['bigint', ({ balancesMinor }) => balancesMinor[1]],
  payment_id: ['text', ({ entry }) => entry.paymentId],
  hold_id: ['text', ({ entry }) => entry.holdId, 'shared'],
  refund: ['boolean', ({ entry }) => entry.refund, 'shared'],
  evidence_kind: ['text', ({ authority }) => authority?.kind, 'shared'],
  evidence_iss: ['text', ({ authority }) => authority?.iss],
  evidence_jti: ['text', ({ authority }) => authority?.jti],
  posted_at: ['timestamptz', ({ entry }) => new Date(entry.postedAtMs), 'shared'],
});

/** The statement derives both lines from the row of the entry, so that no value is sent twice. */
function insertTransfers(tx: Transaction, { authorityById }: BatchDecision, posted: readonly Posted[]): void {
  if (posted.length === 0) return;
  tx.write({
    name: 'journal_transfer_insert',
    text: `WITH n AS MATERIALIZED (${transfers.sql}),
           entry AS (
             INSERT INTO journal_entry (entry_id, debit_account_id, credit_account_id, amount_minor, currency, debit_sequence,
               credit_sequence, payment_id, hold_id, refund, evidence_kind, evidence_iss, evidence_jti, posted_at)
             SELECT entry_id, debit_account_id, credit_account_id, amount_minor, currency, debit_sequence, credit_sequence,
               payment_id, hold_id, refund, evidence_kind, evidence_iss, evidence_jti, posted_at FROM n)
           INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, posted_at)
           SELECT side.account_id, side.sequence, entry_id, side.amount_minor, currency, side.balance_minor, posted_at
           FROM n CROSS JOIN LATERAL (VALUES
             (debit_account_id, debit_sequence, -amount_minor, debit_balance_minor),
             (credit_account_id, credit_sequence, amount_minor, credit_balance_minor))
             AS side (account_id, sequence, amount_minor, balance_minor)`,
    values: transfers.values(
      posted.map((one) => ({ ...one, authority: authorityById.get(one.entry.entryId) })),
    ),
  });
}

const entryInsert = insertRows<{ entry: JournalEntry; authority: DecidedBy | undefined }>(
  'journal_entry_insert',
  'journal_entry',
  {
    entry_id: ['text', ({ entry }) => entry.entryId],
    payment_id: ['text', ({ entry }) => entry.paymentId],
    hold_id: ['text', ({ entry }) => entry.holdId],
    refund: ['boolean', ({ entry }) => entry.refund],
    evidence_kind: ['text', ({ authority }) => authority?.kind],
    evidence_iss: ['text', ({ authority }) => authority?.iss],
    evidence_jti: ['text', ({ authority }) => authority?.jti],
    posted_at: ['timestamptz', ({ entry }) => new Date(entry.postedAtMs)],
  },
);

interface Line {
  entry: JournalEntry;
  leg: JournalEntry['legs'][number];
  balanceMinor: bigint | undefined;
}

const lineInsert = insertRows<Line>('journal_line_insert', 'journal_line', {
  account_id: ['text', ({ leg }) => leg.accountId],
  sequence: ['bigint', ({ leg }) => leg.sequence],
  entry_id: ['text', ({ entry }) => entry.entryId],
  amount_minor: ['bigint', ({ leg }) => leg.amountMinor],
  currency: ['text', ({ leg }) => leg.currency],
  balance_minor: ['bigint', ({ balanceMinor }) => balanceMinor],
  legs: ['smallint', ({ entry }) => entry.legs.length],
  posted_at: ['timestamptz', ({ entry }) => new Date(entry.postedAtMs)],
});

function insertEntriesOfMany(
  tx: Transaction,
  { authorityById }: BatchDecision,
  posted: readonly Posted[],
): void {
  if (posted.length === 0) return;
  tx.write(entryInsert(posted.map(({ entry }) => ({ entry, authority: authorityById.get(entry.entryId) }))));
  tx.write(
    lineInsert(
      posted.flatMap(({ entry, balancesMinor }) =>
        entry.legs.map((leg, at) => ({ entry, leg, balanceMinor: balancesMinor[at] })),
      ),
    ),
  );
}

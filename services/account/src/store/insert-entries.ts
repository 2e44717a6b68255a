import type { Transaction } from '@tallystick/postgres';
import type { BookChanges } from '../domain/book.ts';
import type { BatchDecision } from '../domain/decide.ts';
import type { JournalEntry } from '../domain/entry.ts';
import { columnOf, timesUnless } from './columns.ts';

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

/** The statement derives both lines from the row of the entry, so that no value is sent twice. */
function insertTransfers(
  tx: Transaction,
  { authorityById, postedAtMs }: BatchDecision,
  posted: readonly Posted[],
): void {
  if (posted.length === 0) return;
  const authorities = posted.map(({ entry }) => authorityById.get(entry.entryId));
  const [currencies, currency] = columnOf(posted.map(({ entry }) => entry.legs[0]!.currency));
  const [holdIds, holdId] = columnOf(posted.map(({ entry }) => entry.holdId));
  const [refunds, refund] = columnOf(posted.map(({ entry }) => entry.refund));
  const [kinds, kind] = columnOf(authorities.map((authority) => authority?.kind));
  tx.write({
    name: 'journal_transfer_insert',
    text: `WITH n AS MATERIALIZED (
             SELECT entry_id, debit_account_id, credit_account_id, amount_minor, coalesce(currency, $17) AS currency,
               debit_sequence, credit_sequence, debit_balance_minor, credit_balance_minor, payment_id,
               coalesce(hold_id, $18) AS hold_id, coalesce(refund, $19) AS refund, coalesce(kind, $20) AS kind, iss, jti,
               coalesce(posted_at, $21) AS posted_at
             FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
               $9::bigint[], $10::text[], $11::text[], $12::boolean[], $13::text[], $14::text[], $15::text[],
               $16::timestamptz[])
               AS n (entry_id, debit_account_id, credit_account_id, amount_minor, currency, debit_sequence, credit_sequence,
                 debit_balance_minor, credit_balance_minor, payment_id, hold_id, refund, kind, iss, jti, posted_at)),
           entry AS (
             INSERT INTO journal_entry (entry_id, debit_account_id, credit_account_id, amount_minor, currency, debit_sequence,
               credit_sequence, payment_id, hold_id, refund, evidence_kind, evidence_iss, evidence_jti, posted_at)
             SELECT entry_id, debit_account_id, credit_account_id, amount_minor, currency, debit_sequence, credit_sequence,
               payment_id, hold_id, refund, kind, iss, jti, posted_at FROM n)
           INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, posted_at)
           SELECT side.account_id, side.sequence, entry_id, side.amount_minor, currency, side.balance_minor, posted_at
           FROM n CROSS JOIN LATERAL (VALUES
             (debit_account_id, debit_sequence, -amount_minor, debit_balance_minor),
             (credit_account_id, credit_sequence, amount_minor, credit_balance_minor))
             AS side (account_id, sequence, amount_minor, balance_minor)`,
    values: [
      posted.map(({ entry }) => entry.entryId),
      posted.map(({ entry }) => entry.legs[0]!.accountId),
      posted.map(({ entry }) => entry.legs[1]!.accountId),
      posted.map(({ entry }) => entry.legs[1]!.amountMinor),
      currencies,
      posted.map(({ entry }) => entry.legs[0]!.sequence),
      posted.map(({ entry }) => entry.legs[1]!.sequence),
      posted.map(({ balancesMinor }) => balancesMinor[0]),
      posted.map(({ balancesMinor }) => balancesMinor[1]),
      posted.map(({ entry }) => entry.paymentId),
      holdIds,
      refunds,
      kinds,
      authorities.map((authority) => authority?.iss),
      authorities.map((authority) => authority?.jti),
      timesUnless(postedAtMs, posted, ({ entry }) => entry.postedAtMs),
      currency,
      holdId,
      refund,
      kind,
      new Date(postedAtMs),
    ],
  });
}

function insertEntriesOfMany(
  tx: Transaction,
  { authorityById }: BatchDecision,
  posted: readonly Posted[],
): void {
  if (posted.length === 0) return;
  const authorities = posted.map(({ entry }) => authorityById.get(entry.entryId));
  const lines = posted.flatMap(({ entry, balancesMinor }) =>
    entry.legs.map((leg, at) => ({ entry, leg, balanceMinor: balancesMinor[at] })),
  );
  tx.write({
    name: 'journal_entry_insert',
    text: `INSERT INTO journal_entry (entry_id, payment_id, hold_id, refund, evidence_kind, evidence_iss, evidence_jti, posted_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[],
             $8::timestamptz[])`,
    values: [
      posted.map(({ entry }) => entry.entryId),
      posted.map(({ entry }) => entry.paymentId),
      posted.map(({ entry }) => entry.holdId),
      posted.map(({ entry }) => entry.refund),
      authorities.map((authority) => authority?.kind),
      authorities.map((authority) => authority?.iss),
      authorities.map((authority) => authority?.jti),
      posted.map(({ entry }) => new Date(entry.postedAtMs)),
    ],
  });
  tx.write({
    name: 'journal_line_insert',
    text: `INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, legs, posted_at)
           SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::smallint[],
             $8::timestamptz[])`,
    values: [
      lines.map(({ leg }) => leg.accountId),
      lines.map(({ leg }) => leg.sequence),
      lines.map(({ entry }) => entry.entryId),
      lines.map(({ leg }) => leg.amountMinor),
      lines.map(({ leg }) => leg.currency),
      lines.map(({ balanceMinor }) => balanceMinor),
      lines.map(({ entry }) => entry.legs.length),
      lines.map(({ entry }) => new Date(entry.postedAtMs)),
    ],
  });
}

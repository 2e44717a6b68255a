import type { Currency } from '@tallystick/contracts';
import { findUsedEvidence } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import { capturerFrom, paidKey, type Account, type Book, type Capturer, type Hold } from '../domain/book.ts';
import type { LedgerRequest, State } from '../domain/decide.ts';
import { inOrder, legsOf, type JournalEntry, type JournalLeg } from '../domain/entry.ts';
import { mandateKey } from '../domain/mandate.ts';
import { needsOf } from '../domain/needs.ts';
import { findMandatesWithUsage } from './mandates.ts';
import { findWishes } from './wishes.ts';

/**
 * Loads all data that a batch needs, with one statement per table in one round trip. It first locks the accounts in the
 * order of their ids, then reads the data that the locks protect.
 */
export async function loadState(
  tx: Transaction,
  requests: readonly LedgerRequest[],
  nowMs: number,
): Promise<State> {
  const needs = needsOf(requests);
  const [accounts, holds, entries, legs, paid, { mandates, usage }, usedEvidence, wishes] = await Promise.all(
    [
      lockAccounts(tx, [...needs.accountIds], [...needs.holdIds]),
      lockHolds(tx, [...needs.holdIds].sort()),
      findEntries(tx, [...needs.entryIds]),
      findLegs(tx, [...needs.entryIdsOfMany]),
      findPaid(tx, [...needs.paymentIds]),
      findMandatesWithUsage(tx, needs.grants, nowMs),
      findUsedEvidence(tx, needs.uses),
      findWishes(tx, [...needs.wishes]),
    ],
  );
  for (const [entryId, those] of legs) entries.set(entryId, { ...entries.get(entryId)!, legs: those });
  return {
    book: { accounts, holds, entries, paid },
    mandates: new Map(mandates.map((mandate) => [mandateKey(mandate.accountId, mandate.grantee), mandate])),
    usage,
    usedEvidence,
    wishes,
  };
}

/** Locks accounts and the credit accounts of holds: a command on a hold names only its payer. */
async function lockAccounts(
  tx: Transaction,
  accountIds: string[],
  holdIds: string[],
): Promise<Map<string, Account>> {
  if (accountIds.length === 0) return new Map();
  const { rows } = await tx.query<{
    account_id: string;
    owner_id: string;
    currency: Currency;
    status: Account['status'];
    floor_minor: bigint | null;
    posted_minor: bigint;
    pending_minor: bigint;
    sequence: bigint;
    posted_at: Date;
  }>({
    name: 'account_lock',
    text: `SELECT account_id, owner_id, currency, status, floor_minor, posted_minor, pending_minor, sequence, posted_at
           FROM account
           WHERE account_id = ANY($1::text[] || ARRAY(SELECT credit_account_id FROM hold WHERE hold_id = ANY($2::text[])))
           ORDER BY account_id FOR NO KEY UPDATE`,
    values: [accountIds, holdIds],
  });
  return new Map(
    rows.map((row) => [
      row.account_id,
      {
        accountId: row.account_id,
        ownerId: row.owner_id,
        currency: row.currency,
        status: row.status,
        minimumBalanceMinor: row.floor_minor,
        postedMinor: row.posted_minor,
        pendingMinor: row.pending_minor,
        sequence: Number(row.sequence),
        postedAtMs: row.posted_at.getTime(),
      },
    ]),
  );
}

async function lockHolds(tx: Transaction, holdIds: string[]): Promise<Map<string, Hold>> {
  if (holdIds.length === 0) return new Map();
  const { rows } = await tx.query<{
    hold_id: string;
    debit_account_id: string;
    credit_account_id: string;
    amount_minor: bigint;
    posted_minor: bigint;
    currency: Currency;
    payment_id: string;
    authorization_id: string | null;
    capturer_kind: Capturer['kind'] | null;
    capturer_id: string | null;
    mandate_id: string | null;
    counted_at: Date | null;
    status: Hold['status'];
    expires_at: Date;
    placed_at: Date;
    ended_at: Date | null;
  }>({
    name: 'hold_lock',
    text: `SELECT hold_id, debit_account_id, credit_account_id, amount_minor, posted_minor, currency, payment_id,
                  authorization_id, capturer_kind, capturer_id, mandate_id, counted_at, status, expires_at, placed_at, ended_at
           FROM hold WHERE hold_id = ANY($1::text[]) ORDER BY hold_id FOR NO KEY UPDATE`,
    values: [holdIds],
  });
  return new Map(
    rows.map((row) => [
      row.hold_id,
      {
        holdId: row.hold_id,
        debitAccountId: row.debit_account_id,
        creditAccountId: row.credit_account_id,
        amountMinor: row.amount_minor,
        postedMinor: row.posted_minor,
        currency: row.currency,
        paymentId: row.payment_id,
        authorizationId: row.authorization_id ?? undefined,
        capturer: capturerFrom(row.capturer_kind, row.capturer_id),
        counted:
          row.mandate_id === null || row.counted_at === null
            ? undefined
            : { mandateId: row.mandate_id, atMs: row.counted_at.getTime() },
        status: row.status,
        expiresAtMs: row.expires_at.getTime(),
        placedAtMs: row.placed_at.getTime(),
        endedAtMs: row.ended_at?.getTime(),
      },
    ]),
  );
}

async function findEntries(tx: Transaction, entryIds: string[]): Promise<Map<string, JournalEntry>> {
  if (entryIds.length === 0) return new Map();
  const { rows } = await tx.query<{
    entry_id: string;
    debit_account_id: string | null;
    credit_account_id: string | null;
    amount_minor: bigint | null;
    currency: Currency | null;
    payment_id: string | null;
    hold_id: string | null;
    refund: boolean;
    posted_at: Date;
    debit_sequence: bigint | null;
    credit_sequence: bigint | null;
  }>({
    name: 'journal_entry_find',
    text: `SELECT entry_id, debit_account_id, credit_account_id, amount_minor, currency, payment_id, hold_id, refund, posted_at,
                  debit_sequence, credit_sequence
           FROM journal_entry WHERE entry_id = ANY($1::text[])`,
    values: [entryIds],
  });
  return new Map(
    rows.map((row) => [
      row.entry_id,
      {
        entryId: row.entry_id,
        // The legs of an entry with more than two are in its lines.
        legs:
          row.debit_account_id === null
            ? []
            : legsOf({
                debitAccountId: row.debit_account_id,
                creditAccountId: row.credit_account_id!,
                amountMinor: row.amount_minor!,
                currency: row.currency!,
              }).map((leg) => ({
                ...leg,
                sequence: sequenceOf(leg.amountMinor < 0n ? row.debit_sequence : row.credit_sequence),
              })),
        paymentId: row.payment_id ?? undefined,
        holdId: row.hold_id ?? undefined,
        // The hold contains it.
        authorizationId: undefined,
        refund: row.refund,
        postedAtMs: row.posted_at.getTime(),
      },
    ]),
  );
}

function sequenceOf(sequence: bigint | null): number | undefined {
  return sequence === null ? undefined : Number(sequence);
}

/** Finds the legs of entries with more than two, by entry. */
async function findLegs(tx: Transaction, entryIds: string[]): Promise<Map<string, JournalLeg[]>> {
  if (entryIds.length === 0) return new Map();
  const { rows } = await tx.query<{
    entry_id: string;
    account_id: string;
    amount_minor: bigint;
    currency: Currency;
    sequence: bigint;
  }>({
    name: 'journal_line_find',
    text: `SELECT entry_id, account_id, amount_minor, currency, sequence
           FROM journal_line WHERE entry_id = ANY($1::text[]) AND legs > 2`,
    values: [entryIds],
  });
  return new Map(
    [...Map.groupBy(rows, (row) => row.entry_id)].map(([entryId, those]) => [
      entryId,
      inOrder(
        those.map((row) => ({
          accountId: row.account_id,
          amountMinor: row.amount_minor,
          currency: row.currency,
          sequence: Number(row.sequence),
        })),
      ),
    ]),
  );
}

async function findPaid(tx: Transaction, paymentIds: string[]): Promise<Book['paid']> {
  if (paymentIds.length === 0) return new Map();
  const { rows } = await tx.query<{
    payment_id: string;
    payer: string;
    payee: string;
    paid: bigint;
    refunded: bigint;
  }>({
    name: 'journal_entry_paid',
    text: `SELECT payment_id,
                  CASE WHEN refund THEN credit_account_id ELSE debit_account_id END AS payer,
                  CASE WHEN refund THEN debit_account_id ELSE credit_account_id END AS payee,
                  coalesce(sum(amount_minor) FILTER (WHERE NOT refund), 0)::bigint AS paid,
                  coalesce(sum(amount_minor) FILTER (WHERE refund), 0)::bigint AS refunded
           FROM journal_entry WHERE payment_id = ANY($1::text[]) AND debit_account_id IS NOT NULL GROUP BY 1, 2, 3`,
    values: [paymentIds],
  });
  return new Map(
    rows.map(({ payment_id, payer, payee, paid, refunded }) => [
      paidKey(payment_id, payer, payee),
      { paidMinor: paid, refundedMinor: refunded },
    ]),
  );
}

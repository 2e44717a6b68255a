import { rememberUsedEvidence } from '@tallystick/messaging';
import { insertRows, updateRows, type Transaction } from '@tallystick/postgres';
import type { Account, Capturer, Hold } from '../domain/book.ts';
import type { BatchDecision, DecidedBy } from '../domain/decide.ts';
import { insertEntries } from './insert-entries.ts';
import { addSpending } from './mandate-usage.ts';
import { insertWishes } from './wishes.ts';

/** Saves the decision of a batch: one statement per table for any batch size. */
export function saveDecision(tx: Transaction, decision: BatchDecision): void {
  insertHolds(tx, decision);
  insertEntries(tx, decision);
  updateHolds(tx, decision);
  updateAccounts(tx, decision);
  addSpending(tx, decision.spent);
  rememberUsedEvidence(tx, decision.evidence);
  insertWishes(tx, decision.wishes);
}

interface NewHold {
  hold: Hold;
  authority: DecidedBy | undefined;
  /** when the ledger placed it; the time of the batch, except in a replay */
  placedAtMs: number;
}

const holdInsert = insertRows<NewHold>('hold_insert', 'hold', {
  hold_id: ['text', ({ hold }) => hold.holdId],
  debit_account_id: ['text', ({ hold }) => hold.debitAccountId],
  credit_account_id: ['text', ({ hold }) => hold.creditAccountId],
  amount_minor: ['bigint', ({ hold }) => hold.amountMinor],
  posted_minor: ['bigint', ({ hold }) => hold.postedMinor],
  currency: ['text', ({ hold }) => hold.currency],
  payment_id: ['text', ({ hold }) => hold.paymentId],
  authorization_id: ['text', ({ hold }) => hold.authorizationId],
  capturer_kind: ['text', ({ hold }) => hold.capturer?.kind],
  capturer_id: ['text', ({ hold }) => idOf(hold.capturer)],
  mandate_id: ['text', ({ hold }) => hold.counted?.mandateId],
  counted_at: ['timestamptz', ({ hold }) => timeOf(hold.counted?.atMs)],
  status: ['text', ({ hold }) => hold.status],
  expires_at: ['timestamptz', ({ hold }) => new Date(hold.expiresAtMs)],
  evidence_kind: ['text', ({ authority }) => authority?.kind],
  evidence_iss: ['text', ({ authority }) => authority?.iss],
  evidence_jti: ['text', ({ authority }) => authority?.jti],
  ended_at: ['timestamptz', ({ hold }) => timeOf(hold.endedAtMs)],
  placed_at: ['timestamptz', ({ placedAtMs }) => new Date(placedAtMs), 'shared'],
});

function insertHolds(tx: Transaction, { posting: { newHolds }, authorityById }: BatchDecision): void {
  if (newHolds.size === 0) return;
  const holds = [...newHolds.values()];
  tx.write(
    holdInsert(
      holds.map((hold) => ({ hold, authority: authorityById.get(hold.holdId), placedAtMs: hold.placedAtMs })),
    ),
  );
}

const holdUpdate = updateRows<Hold>('hold_update', 'hold', 'hold_id', {
  hold_id: ['text', ({ holdId }) => holdId],
  posted_minor: ['bigint', ({ postedMinor }) => postedMinor],
  status: ['text', ({ status }) => status],
  ended_at: ['timestamptz', ({ endedAtMs }) => timeOf(endedAtMs)],
});

function updateHolds(tx: Transaction, { posting: { changedHolds } }: BatchDecision): void {
  if (changedHolds.size > 0) tx.write(holdUpdate([...changedHolds.values()]));
}

function idOf(capturer: Capturer | undefined): string | undefined {
  return capturer !== undefined && 'id' in capturer ? capturer.id : undefined;
}

function timeOf(atMs: number | undefined): Date | undefined {
  return atMs === undefined ? undefined : new Date(atMs);
}

const accountUpdate = updateRows<Account>('account_update', 'account', 'account_id', {
  account_id: ['text', ({ accountId }) => accountId],
  posted_minor: ['bigint', ({ postedMinor }) => postedMinor],
  pending_minor: ['bigint', ({ pendingMinor }) => pendingMinor],
  sequence: ['bigint', ({ sequence }) => sequence],
  posted_at: ['timestamptz', ({ postedAtMs }) => new Date(postedAtMs), 'shared'],
});

function updateAccounts(tx: Transaction, { posting: { changedAccounts } }: BatchDecision): void {
  if (changedAccounts.size > 0) tx.write(accountUpdate([...changedAccounts.values()]));
}

import { periodsOf, spendingKey } from '@tallystick/contracts';
import { rememberUsedEvidence } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { BatchDecision, State } from '../domain/decide.ts';

import { timesUnless } from './columns.ts';
import { insertEntries } from './insert-entries.ts';

/**
 * Saves the decision of a batch: one statement per table for any batch size.
 * @param nowMs the clock's time, by which mandates count
 */
export function saveDecision(tx: Transaction, state: State, decision: BatchDecision, nowMs: number): void {
  insertHolds(tx, decision);
  insertEntries(tx, decision);
  updateHolds(tx, decision);
  updateAccounts(tx, decision);
  saveUsage(tx, state, nowMs);
  rememberUsedEvidence(tx, decision.evidence);
}

function insertHolds(
  tx: Transaction,
  { posting: { newHolds }, authorityById, postedAtMs }: BatchDecision,
): void {
  if (newHolds.size === 0) return;
  const holds = [...newHolds.values()];
  const authorities = holds.map(({ holdId }) => authorityById.get(holdId));
  tx.write({
    name: 'hold_insert',
    text: `INSERT INTO hold (hold_id, debit_account_id, credit_account_id, amount_minor, posted_minor, currency, payment_id,
             authorization_id, status, expires_at, evidence_kind, evidence_iss, evidence_jti, ended_at, placed_at)
           SELECT hold_id, debit_account_id, credit_account_id, amount_minor, posted_minor, currency, payment_id,
             authorization_id, status, expires_at, evidence_kind, evidence_iss, evidence_jti, ended_at, coalesce(placed_at, $16)
           FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[],
             $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[])
             AS n (hold_id, debit_account_id, credit_account_id, amount_minor, posted_minor, currency, payment_id,
               authorization_id, status, expires_at, evidence_kind, evidence_iss, evidence_jti, ended_at, placed_at)`,
    values: [
      holds.map(({ holdId }) => holdId),
      holds.map(({ debitAccountId }) => debitAccountId),
      holds.map(({ creditAccountId }) => creditAccountId),
      holds.map(({ amountMinor }) => amountMinor),
      holds.map(({ postedMinor }) => postedMinor),
      holds.map(({ currency }) => currency),
      holds.map(({ paymentId }) => paymentId),
      holds.map(({ authorizationId }) => authorizationId),
      holds.map(({ status }) => status),
      holds.map(({ expiresAtMs }) => new Date(expiresAtMs)),
      authorities.map((authority) => authority?.kind),
      authorities.map((authority) => authority?.iss),
      authorities.map((authority) => authority?.jti),
      holds.map(({ endedAtMs }) => (endedAtMs === undefined ? undefined : new Date(endedAtMs))),
      timesUnless(postedAtMs, holds, ({ placedAtMs }) => placedAtMs),
      new Date(postedAtMs),
    ],
  });
}

function updateHolds(tx: Transaction, { posting: { changedHolds } }: BatchDecision): void {
  if (changedHolds.size === 0) return;
  const holds = [...changedHolds.values()];
  tx.write({
    name: 'hold_update',
    text: `UPDATE hold h SET posted_minor = n.posted_minor, status = n.status, ended_at = n.ended_at
           FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[])
             AS n (hold_id, posted_minor, status, ended_at) CROSS JOIN LATERAL
             (SELECT hold.ctid FROM hold WHERE hold.hold_id = n.hold_id OFFSET 0) AS place WHERE h.ctid = place.ctid`,
    values: [
      holds.map(({ holdId }) => holdId),
      holds.map(({ postedMinor }) => postedMinor),
      holds.map(({ status }) => status),
      holds.map(({ endedAtMs }) => (endedAtMs === undefined ? undefined : new Date(endedAtMs))),
    ],
  });
}

function updateAccounts(tx: Transaction, { posting: { changedAccounts }, postedAtMs }: BatchDecision): void {
  if (changedAccounts.size === 0) return;
  const accounts = [...changedAccounts.values()];
  tx.write({
    name: 'account_update',
    text: `UPDATE account a SET posted_minor = n.posted_minor, pending_minor = n.pending_minor, sequence = n.sequence,
             posted_at = coalesce(n.posted_at, $6)
           FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
             AS n (account_id, posted_minor, pending_minor, sequence, posted_at) CROSS JOIN
             LATERAL (SELECT account.ctid FROM account WHERE account.account_id = n.account_id OFFSET 0) AS place
           WHERE a.ctid = place.ctid`,
    values: [
      accounts.map(({ accountId }) => accountId),
      accounts.map(({ postedMinor }) => postedMinor),
      accounts.map(({ pendingMinor }) => pendingMinor),
      accounts.map(({ sequence }) => sequence),
      timesUnless(postedAtMs, accounts, (account) => account.postedAtMs),
      new Date(postedAtMs),
    ],
  });
}

function saveUsage(tx: Transaction, { mandates, usage }: State, nowMs: number): void {
  const { day, month } = periodsOf(nowMs);
  const rows = [...mandates.values()].flatMap(({ mandateId }) =>
    [day, month].flatMap((period) => {
      const usedMinor = usage.get(spendingKey(mandateId, period));
      return usedMinor === undefined ? [] : [{ mandateId, period, usedMinor }];
    }),
  );
  if (rows.length === 0) return;
  tx.write({
    name: 'mandate_usage_save',
    text: `INSERT INTO mandate_usage (mandate_id, period, used_minor)
           SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
           ON CONFLICT (mandate_id, period) DO UPDATE SET used_minor = excluded.used_minor`,
    values: [
      rows.map(({ mandateId }) => mandateId),
      rows.map(({ period }) => period),
      rows.map(({ usedMinor }) => usedMinor),
    ],
  });
}

import { rememberUsedEvidence } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { Decision, State } from '../domain/decide.ts';
import { usageKey, periodsOf } from '../domain/mandate.ts';

/** Saves what a batch decided: one statement a table, whatever the size of the batch. */
export function saveDecision(tx: Transaction, state: State, decision: Decision, nowMs: number): void {
  const now = new Date(nowMs);
  insertHolds(tx, decision, now);
  insertTransfers(tx, decision, now);
  insertEntries(tx, decision, now);
  updateHolds(tx, decision);
  updateAccounts(tx, decision);
  saveUsage(tx, state, nowMs);
  rememberUsedEvidence(tx, decision.evidence);
}

function insertHolds(tx: Transaction, { posting: { newHolds }, authorityById }: Decision, now: Date): void {
  if (newHolds.length === 0) return;
  tx.write({
    name: 'hold_insert',
    text: `INSERT INTO hold (hold_id, debit_account_id, credit_account_id, amount_minor, posted_minor, currency, payment_id,
             authorization_id, status, expires_at, evidence_kind, evidence_iss, evidence_jti, placed_at)
           SELECT *, $14::timestamptz FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[],
             $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::text[])`,
    values: [
      newHolds.map(({ holdId }) => holdId),
      newHolds.map(({ debitAccountId }) => debitAccountId),
      newHolds.map(({ creditAccountId }) => creditAccountId),
      newHolds.map(({ amountMinor }) => amountMinor),
      newHolds.map(({ postedMinor }) => postedMinor),
      newHolds.map(({ currency }) => currency),
      newHolds.map(({ paymentId }) => paymentId),
      newHolds.map(({ authorizationId }) => authorizationId),
      newHolds.map(({ status }) => status),
      newHolds.map(({ expiresAtMs }) => new Date(expiresAtMs)),
      newHolds.map(({ holdId }) => authorityById.get(holdId)?.kind),
      newHolds.map(({ holdId }) => authorityById.get(holdId)?.iss),
      newHolds.map(({ holdId }) => authorityById.get(holdId)?.jti),
      now,
    ],
  });
}

function insertTransfers(
  tx: Transaction,
  { posting: { transfers }, authorityById }: Decision,
  now: Date,
): void {
  if (transfers.length === 0) return;
  tx.write({
    name: 'transfer_insert',
    text: `INSERT INTO transfer (transfer_id, debit_account_id, credit_account_id, amount_minor, currency, payment_id, hold_id,
             refund, evidence_kind, evidence_iss, evidence_jti, posted_at)
           SELECT *, $12::timestamptz FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[],
             $7::text[], $8::boolean[], $9::text[], $10::text[], $11::text[])`,
    values: [
      transfers.map(({ transferId }) => transferId),
      transfers.map(({ debitAccountId }) => debitAccountId),
      transfers.map(({ creditAccountId }) => creditAccountId),
      transfers.map(({ amountMinor }) => amountMinor),
      transfers.map(({ currency }) => currency),
      transfers.map(({ paymentId }) => paymentId),
      transfers.map(({ holdId }) => holdId),
      transfers.map(({ refund }) => refund),
      transfers.map(({ transferId }) => authorityById.get(transferId)?.kind),
      transfers.map(({ transferId }) => authorityById.get(transferId)?.iss),
      transfers.map(({ transferId }) => authorityById.get(transferId)?.jti),
      now,
    ],
  });
}

function insertEntries(tx: Transaction, { posting: { entries } }: Decision, now: Date): void {
  if (entries.length === 0) return;
  tx.write({
    name: 'entry_insert',
    text: `INSERT INTO entry (account_id, transfer_id, amount_minor, balance_minor, posted_at)
           SELECT *, $5::timestamptz FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])`,
    values: [
      entries.map(({ accountId }) => accountId),
      entries.map(({ transferId }) => transferId),
      entries.map(({ amountMinor }) => amountMinor),
      entries.map(({ balanceMinor }) => balanceMinor),
      now,
    ],
  });
}

function updateHolds(tx: Transaction, { posting: { changedHolds, newHolds } }: Decision): void {
  // A hold that was placed and changed within the batch was inserted as it is now.
  const inserted = new Set(newHolds);
  const holds = [...changedHolds].filter((hold) => !inserted.has(hold));
  if (holds.length === 0) return;
  tx.write({
    name: 'hold_update',
    text: `UPDATE hold h SET posted_minor = n.posted_minor, status = n.status
           FROM unnest($1::text[], $2::bigint[], $3::text[]) AS n (hold_id, posted_minor, status) CROSS JOIN LATERAL
             (SELECT hold.ctid FROM hold WHERE hold.hold_id = n.hold_id OFFSET 0) AS place WHERE h.ctid = place.ctid`,
    values: [
      holds.map(({ holdId }) => holdId),
      holds.map(({ postedMinor }) => postedMinor),
      holds.map(({ status }) => status),
    ],
  });
}

function updateAccounts(tx: Transaction, { posting: { changedAccounts } }: Decision): void {
  const accounts = [...changedAccounts];
  if (accounts.length === 0) return;
  tx.write({
    name: 'account_update',
    text: `UPDATE account a SET posted_minor = n.posted_minor, pending_minor = n.pending_minor
           FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS n (account_id, posted_minor, pending_minor) CROSS JOIN
             LATERAL (SELECT account.ctid FROM account WHERE account.account_id = n.account_id OFFSET 0) AS place
           WHERE a.ctid = place.ctid`,
    values: [
      accounts.map(({ accountId }) => accountId),
      accounts.map(({ postedMinor }) => postedMinor),
      accounts.map(({ pendingMinor }) => pendingMinor),
    ],
  });
}

function saveUsage(tx: Transaction, { mandates, usage }: State, nowMs: number): void {
  const { day, month } = periodsOf(nowMs);
  const rows = [...mandates.values()].flatMap(({ mandateId }) =>
    [day, month].flatMap((period) => {
      const usedMinor = usage.get(usageKey(mandateId, period));
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

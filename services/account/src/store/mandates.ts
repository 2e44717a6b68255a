import { auditOf } from '@tallystick/audit';
import { periodsOf, spendingKey, type Currency, type Grantee, type Spending } from '@tallystick/contracts';
import { findUsedEvidence, rememberUsedEvidence } from '@tallystick/messaging';
import {
  findPage,
  mapPage,
  rowSource,
  type ListPage,
  type ListRange,
  type Queryable,
  type Transaction,
} from '@tallystick/postgres';
import type { MandateStore } from '../app/stores.ts';
import type { Mandate } from '../domain/mandate.ts';
import { findAccount } from './accounts.ts';

/** Creates the Postgres store of mandates, within a transaction. */
export function mandateStore(tx: Transaction): MandateStore {
  return {
    findAccount: (ownerId, accountId) => findAccount(tx, ownerId, accountId),
    findOwnerOfNew: (mandate) => findMandateOwner(tx, mandate),
    findExisting: (mandateIds) => findExistingMandates(tx, mandateIds),
    insert: (mandate) => insertMandate(tx, mandate),
    withdrawOwn: (ownerId, mandateId, at) => withdrawMandate(tx, ownerId, mandateId, at),
    withdraw: (mandateId, at) => replayWithdrawal(tx, mandateId, at),
    withdrawOfParty: (partyId, at, limit) => withdrawOfParty(tx, partyId, at, limit),
    isUsed: async (use) => (await findUsedEvidence(tx, [use])).size > 0,
    rememberUsed: (use) => rememberUsedEvidence(tx, [use]),
    audit: (decisions) => tx.write(auditOf(decisions)),
  };
}

interface Row {
  mandate_id: string;
  account_id: string;
  owner_id: string;
  grantee_kind: Grantee['kind'];
  grantee_id: string;
  currency: Currency;
  per_payment_minor: bigint;
  per_day_minor: bigint;
  per_month_minor: bigint;
  payee_account_ids: string[] | null;
  ends_at: Date | null;
  status: Mandate['status'];
  granted_at: Date;
}

const mandateOf = (row: Row): Mandate => ({
  mandateId: row.mandate_id,
  accountId: row.account_id,
  ownerId: row.owner_id,
  grantee: { kind: row.grantee_kind, id: row.grantee_id },
  currency: row.currency,
  limits: {
    perPaymentMinor: row.per_payment_minor,
    perDayMinor: row.per_day_minor,
    perMonthMinor: row.per_month_minor,
  },
  payeeAccountIds: row.payee_account_ids ?? undefined,
  endsAtMs: row.ends_at?.getTime(),
  status: row.status,
  grantedAtMs: row.granted_at.getTime(),
});

/**
 * Grants a mandate and withdraws the previous one of the same grantee on the account.
 * @returns `false` if the id already exists
 */
async function insertMandate(tx: Transaction, mandate: Mandate): Promise<boolean> {
  const { accountId, grantee, limits } = mandate;
  const now = new Date(mandate.grantedAtMs);
  await tx.query(
    `UPDATE mandate SET status = 'withdrawn', withdrawn_at = $4
     WHERE account_id = $1 AND grantee_kind = $2 AND grantee_id = $3 AND status = 'active'
       AND NOT EXISTS (SELECT FROM mandate WHERE mandate_id = $5)`,
    [accountId, grantee.kind, grantee.id, now, mandate.mandateId],
  );
  const { rowCount } = await tx.query(
    `INSERT INTO mandate (mandate_id, account_id, owner_id, grantee_kind, grantee_id, currency, per_payment_minor,
       per_day_minor, per_month_minor, status, granted_at, payee_account_ids, ends_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', $10, $11, $12) ON CONFLICT (mandate_id) DO NOTHING`,
    [
      mandate.mandateId,
      accountId,
      mandate.ownerId,
      grantee.kind,
      grantee.id,
      mandate.currency,
      limits.perPaymentMinor,
      limits.perDayMinor,
      limits.perMonthMinor,
      now,
      mandate.payeeAccountIds,
      mandate.endsAtMs === undefined ? null : new Date(mandate.endsAtMs),
    ],
  );
  return rowCount === 1;
}

/** Finds a page of the mandates that an owner granted, by the time of the grant. */
export async function findMandatePage(
  on: Queryable,
  ownerId: string,
  { status, accountId }: { status?: Mandate['status'] | undefined; accountId?: string | undefined },
  range: ListRange,
): Promise<ListPage<Mandate>> {
  const list = { columns: '*', from: 'mandate', where: 'owner_id = $1', values: [ownerId] };
  const matching = { status, account_id: accountId };
  const page = await findPage<Row>(on, { ...list, time: 'granted_at', id: 'mandate_id', matching }, range);
  return mapPage(page, mandateOf);
}

/** Finds a page of the mandates that a party granted or holds, by the time of the grant. */
export async function findMandatePageOfParty(
  on: Queryable,
  { partyId, status }: { partyId: string; status?: Mandate['status'] | undefined },
  range: ListRange,
): Promise<ListPage<Mandate>> {
  const list = {
    columns: '*',
    from: 'mandate',
    where: '(owner_id = $1 OR grantee_id = $1)',
    values: [partyId],
  };
  const page = await findPage<Row>(
    on,
    { ...list, time: 'granted_at', id: 'mandate_id', matching: { status } },
    range,
  );
  return mapPage(page, mandateOf);
}

/** Withdraws an owner's mandate; returns `undefined` if the owner has no mandate with this id. */
async function withdrawMandate(
  tx: Transaction,
  ownerId: string,
  mandateId: string,
  now: Date,
): Promise<Mandate | undefined> {
  const { rows } = await tx.query<Row>(
    `UPDATE mandate SET status = 'withdrawn', withdrawn_at = coalesce(withdrawn_at, $3)
     WHERE owner_id = $1 AND mandate_id = $2 RETURNING *`,
    [ownerId, mandateId, now],
  );
  return rows[0] === undefined ? undefined : mandateOf(rows[0]);
}

/** Withdraws active mandates that a party holds or gave. */
async function withdrawOfParty(
  tx: Transaction,
  partyId: string,
  now: Date,
  limit: number,
): Promise<Mandate[]> {
  const { rows } = await tx.query<Row>(
    `UPDATE mandate SET status = 'withdrawn', withdrawn_at = $2 WHERE mandate_id IN (
       SELECT mandate_id FROM mandate WHERE status = 'active' AND (grantee_id = $1 OR owner_id = $1)
       ORDER BY mandate_id LIMIT $3 FOR UPDATE)
     RETURNING *`,
    [partyId, now, limit],
  );
  return rows.map(mandateOf);
}

async function findExistingMandates(tx: Transaction, mandateIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await tx.query<{ mandate_id: string }>(
    'SELECT mandate_id FROM mandate WHERE mandate_id = ANY($1::text[])',
    [mandateIds],
  );
  return new Set(rows.map(({ mandate_id }) => mandate_id));
}

/** Withdraws a mandate again in a replay. */
async function replayWithdrawal(tx: Transaction, mandateId: string, at: Date): Promise<void> {
  await tx.query(
    `UPDATE mandate SET status = 'withdrawn', withdrawn_at = coalesce(withdrawn_at, $2) WHERE mandate_id = $1`,
    [mandateId, at],
  );
}

/** Finds the owner of the account of a mandate that does not exist yet, or `undefined`. */
async function findMandateOwner(
  tx: Transaction,
  { mandateId, accountId }: { mandateId: string; accountId: string },
): Promise<string | undefined> {
  const { rows } = await tx.query<{ owner_id: string }>(
    `SELECT owner_id FROM account WHERE account_id = $1 AND NOT EXISTS (SELECT FROM mandate WHERE mandate_id = $2)`,
    [accountId, mandateId],
  );
  return rows[0]?.owner_id;
}

interface AskedGrant {
  accountId: string;
  grantee: Grantee;
}

const askedGrants = rowSource<AskedGrant>({
  account_id: ['text', ({ accountId }) => accountId],
  kind: ['text', ({ grantee }) => grantee.kind],
  id: ['text', ({ grantee }) => grantee.id],
});

/** Finds the active mandates of these grantees on these accounts, with their spending of today and this month. */
export async function findMandatesWithUsage(
  tx: Transaction,
  grants: readonly AskedGrant[],
  nowMs: number,
): Promise<{ mandates: Mandate[]; usage: Spending }> {
  const usage: Spending = new Map();
  if (grants.length === 0) return { mandates: [], usage };
  const { day, month } = periodsOf(nowMs);
  const { rows } = await tx.query<Row & { day_minor: bigint | null; month_minor: bigint | null }>({
    name: 'mandate_find_with_usage',
    // The grantee is compared as a row, which only the index of active mandates by account serves. Without statistics the
    // planner would as soon read all mandates of a third party.
    text: `SELECT m.*, today.used_minor AS day_minor, this_month.used_minor AS month_minor
           FROM (SELECT DISTINCT * FROM (${askedGrants.sql}) AS asked) g
           CROSS JOIN LATERAL (SELECT * FROM mandate WHERE account_id = g.account_id AND status = 'active'
                                 AND (grantee_kind, grantee_id) >= (g.kind, g.id)
                                 AND (grantee_kind, grantee_id) <= (g.kind, g.id) OFFSET 0) m
           LEFT JOIN LATERAL (SELECT used_minor FROM mandate_usage WHERE mandate_id = m.mandate_id AND period = $${askedGrants.parameterCount + 1} OFFSET 0)
             today ON true
           LEFT JOIN LATERAL (SELECT used_minor FROM mandate_usage WHERE mandate_id = m.mandate_id AND period = $${askedGrants.parameterCount + 2} OFFSET 0)
             this_month ON true`,
    values: [...askedGrants.values(grants), day, month],
  });
  for (const { mandate_id, day_minor, month_minor } of rows) {
    if (day_minor !== null) usage.set(spendingKey(mandate_id, day), day_minor);
    if (month_minor !== null) usage.set(spendingKey(mandate_id, month), month_minor);
  }
  return { mandates: rows.map(mandateOf), usage };
}

import type { Currency } from '@tallystick/contracts';
import {
  findPage,
  insertRows,
  mapPage,
  type ListPage,
  type ListRange,
  type Queryable,
} from '@tallystick/postgres';
import type { AccountStore, AccountView, FreezeStatus, Imbalance } from '../app/stores.ts';
import { minimumBalanceMinorOf, type NewAccount } from '../domain/account.ts';
import { available } from '../domain/book.ts';

const COLUMNS = `account_id AS "accountId", owner_id AS "ownerId", kind, currency, status, posted_minor AS "postedMinor",
  pending_minor AS "pendingMinor", opened_at AS "openedAt"`;

type Row = Omit<AccountView, 'availableMinor' | 'openedAt'> & { openedAt: Date };
const view = (row: Row): AccountView => ({
  ...row,
  availableMinor: available(row),
  openedAt: row.openedAt.toISOString(),
});

/** Creates the Postgres store of accounts, within a transaction. */
export function accountStore(tx: Queryable): AccountStore {
  return {
    insert: (accounts) => insertAccounts(tx, accounts),
    setStatus: (accountIds, status) => setStatus(tx, accountIds, status),
  };
}

const accountInsert = insertRows<NewAccount>(
  'account_insert',
  'account',
  {
    account_id: ['text', ({ accountId }) => accountId],
    owner_id: ['text', ({ ownerId }) => ownerId],
    kind: ['text', ({ kind }) => kind],
    currency: ['text', ({ currency }) => currency],
    floor_minor: ['bigint', ({ kind }) => minimumBalanceMinorOf(kind)],
    opened_at: ['timestamptz', ({ openedAt }) => openedAt],
  },
  { orElse: `ON CONFLICT (account_id) DO NOTHING RETURNING ${COLUMNS}` },
);

async function insertAccounts(on: Queryable, accounts: readonly NewAccount[]): Promise<AccountView[]> {
  if (accounts.length === 0) return [];
  const { rows } = await on.query<Row>(accountInsert(accounts));
  return rows.map(view);
}

async function setStatus(
  on: Queryable,
  accountIds: readonly string[],
  status: FreezeStatus,
): Promise<Set<string>> {
  if (accountIds.length === 0) return new Set();
  const { rows } = await on.query<{ account_id: string }>(
    `UPDATE account SET status = $2 FROM
       (SELECT account_id AS id FROM account
        WHERE account_id = ANY($1::text[]) AND kind = 'customer' AND status <> 'closed'
        ORDER BY account_id FOR UPDATE) AS found
     WHERE account_id = found.id RETURNING account_id`,
    [accountIds, status],
  );
  return new Set(rows.map(({ account_id }) => account_id));
}

interface ExternalAccount {
  accountId: string;
  ownerId: string;
  currency: Currency;
  openedAt: Date;
}

const externalAccountInsert = insertRows<ExternalAccount>(
  'external_account_insert',
  'account',
  {
    account_id: ['text', ({ accountId }) => accountId],
    owner_id: ['text', ({ ownerId }) => ownerId],
    kind: ['text', () => 'external', 'shared'],
    currency: ['text', ({ currency }) => currency],
    floor_minor: ['bigint', () => null, 'shared'],
    opened_at: ['timestamptz', ({ openedAt }) => openedAt, 'shared'],
  },
  { orElse: 'ON CONFLICT DO NOTHING' },
);

/** Opens an external (nostro) account for each currency unless it exists; money enters and leaves the ledger there. */
export async function ensureExternalAccounts(
  on: Queryable,
  accounts: readonly Omit<ExternalAccount, 'openedAt'>[],
  openedAt: Date,
): Promise<void> {
  await on.query(externalAccountInsert(accounts.map((account) => ({ ...account, openedAt }))));
}

/** Finds a page of the accounts of an owner, by the time at which they were opened. */
export async function findAccountPage(
  on: Queryable,
  ownerId: string,
  range: ListRange,
): Promise<ListPage<AccountView>> {
  const list = { from: 'account', where: 'owner_id = $1', values: [ownerId] };
  const page = await findPage<Row>(
    on,
    { ...list, columns: COLUMNS, time: 'opened_at', id: 'account_id' },
    range,
  );
  return mapPage(page, view);
}

/** Finds an account of this owner; `undefined` does not reveal whether another owner has it. */
export async function findAccount(
  on: Queryable,
  ownerId: string,
  accountId: string,
): Promise<AccountView | undefined> {
  const { rows } = await on.query<Row>(
    `SELECT ${COLUMNS} FROM account WHERE owner_id = $1 AND account_id = $2`,
    [ownerId, accountId],
  );
  return rows[0] === undefined ? undefined : view(rows[0]);
}

/** Finds an account of any owner, for operators. */
export async function findAnyAccount(on: Queryable, accountId: string): Promise<AccountView | undefined> {
  const { rows } = await on.query<Row>(`SELECT ${COLUMNS} FROM account WHERE account_id = $1`, [accountId]);
  return rows[0] === undefined ? undefined : view(rows[0]);
}

export interface TrialBalanceRow {
  currency: Currency;
  balancesMinor: bigint;
  entriesMinor: bigint;
  pendingMinor: bigint;
  holdsMinor: bigint;
  accounts: number;
  transfers: number;
}

/** A row whose columns of sums are the digits of numerics: a sum of many amounts may exceed a bigint. */
type Digits<R> = { [Column in keyof R]: R[Column] extends bigint ? string : R[Column] };

/**
 * Sums balances, entries, pending amounts and open holds by currency, in one statement and thus one snapshot. A currency
 * in which only the external account exists, unused, is left out.
 */
export async function trialBalance(on: Queryable): Promise<TrialBalanceRow[]> {
  const { rows } = await on.query<Digits<TrialBalanceRow>>(
    `SELECT a.currency, a.balances::text AS "balancesMinor", a.pending::text AS "pendingMinor", a.accounts,
            coalesce(e.entries, 0)::text AS "entriesMinor", coalesce(h.holds, 0)::text AS "holdsMinor",
            coalesce(t.transfers, 0)::int AS transfers
     FROM (SELECT currency, sum(posted_minor) AS balances, sum(pending_minor) AS pending, count(*)::int AS accounts,
             bool_or(floor_minor IS NOT NULL OR sequence > 0 OR posted_minor <> 0 OR pending_minor <> 0) AS in_use
           FROM account GROUP BY currency) a
     LEFT JOIN (SELECT currency, sum(amount_minor) AS entries FROM journal_line GROUP BY currency) e USING (currency)
     LEFT JOIN (SELECT currency, sum(amount_minor - posted_minor) AS holds FROM hold WHERE status = 'open' GROUP BY currency) h USING (currency)
     LEFT JOIN (SELECT currency, count(*) AS transfers FROM journal_entry GROUP BY currency) t USING (currency)
     WHERE a.in_use OR e.currency IS NOT NULL OR h.currency IS NOT NULL OR t.currency IS NOT NULL
     ORDER BY a.currency`,
  );
  return rows.map((row) => ({
    ...row,
    balancesMinor: BigInt(row.balancesMinor),
    entriesMinor: BigInt(row.entriesMinor),
    pendingMinor: BigInt(row.pendingMinor),
    holdsMinor: BigInt(row.holdsMinor),
  }));
}

/** Finds the imbalance of the books of each currency in one snapshot; it is zero unless there is a fault. */
export async function imbalances(on: Queryable): Promise<Imbalance[]> {
  const { rows } = await on.query<Digits<Imbalance>>(
    `SELECT a.currency, a.balances::text AS "balancesMinor", (a.pending - coalesce(h.holds, 0))::text AS "holdsMinor"
     FROM (SELECT currency, sum(posted_minor) AS balances, sum(pending_minor) AS pending FROM account GROUP BY currency) a
     LEFT JOIN (SELECT currency, sum(amount_minor - posted_minor) AS holds FROM hold WHERE status = 'open' GROUP BY currency) h USING (currency)
     ORDER BY a.currency`,
  );
  return rows.map(({ currency, balancesMinor, holdsMinor }) => ({
    currency,
    balancesMinor: BigInt(balancesMinor),
    holdsMinor: BigInt(holdsMinor),
  }));
}

/** Finds open holds that have expired. */
export async function findExpiredHolds(
  on: Queryable,
  now: Date,
  limit: number,
): Promise<{ holdId: string; debitAccountId: string }[]> {
  const { rows } = await on.query<{ holdId: string; debitAccountId: string }>(
    `SELECT hold_id AS "holdId", debit_account_id AS "debitAccountId" FROM hold
     WHERE status = 'open' AND expires_at <= $1 ORDER BY expires_at LIMIT $2`,
    [now, limit],
  );
  return rows;
}

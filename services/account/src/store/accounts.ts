import type { Currency, accountKinds } from '@tallystick/contracts';
import type { Queryable, Transaction } from '@tallystick/postgres';

export type AccountKind = (typeof accountKinds)[number];

/** An account as it is shown. */
export interface AccountView {
  accountId: string;
  ownerId: string;
  kind: AccountKind;
  currency: Currency;
  status: 'open' | 'frozen' | 'closed';
  postedMinor: bigint;
  pendingMinor: bigint;
  availableMinor: bigint;
  openedAt: string;
}

const COLUMNS = `account_id AS "accountId", owner_id AS "ownerId", kind, currency, status, posted_minor AS "postedMinor",
  pending_minor AS "pendingMinor", posted_minor - pending_minor AS "availableMinor", opened_at AS "openedAt"`;

type Row = Omit<AccountView, 'openedAt'> & { openedAt: Date };
const view = (row: Row): AccountView => ({ ...row, openedAt: row.openedAt.toISOString() });

/** An account that is opened, with the balance zero. */
export interface NewAccount {
  accountId: string;
  ownerId: string;
  kind: AccountKind;
  currency: Currency;
  openedAt: Date;
}

/** Opens accounts. @returns them in the same order */
export async function insertAccounts(on: Queryable, accounts: readonly NewAccount[]): Promise<AccountView[]> {
  const { rows } = await on.query<Row>({
    name: 'account_insert',
    text: `INSERT INTO account (account_id, owner_id, kind, currency, floor_minor, opened_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
           RETURNING ${COLUMNS}`,
    values: [
      accounts.map(({ accountId }) => accountId),
      accounts.map(({ ownerId }) => ownerId),
      accounts.map(({ kind }) => kind),
      accounts.map(({ currency }) => currency),
      accounts.map(({ kind }) => (kind === 'outside_world' ? null : 0n)),
      accounts.map(({ openedAt }) => openedAt),
    ],
  });
  const opened = new Map(rows.map((row) => [row.accountId, view(row)]));
  return accounts.map(({ accountId }) => opened.get(accountId)!);
}

/** Opens an account that was opened before, unless it is there. */
export async function openAgain(on: Queryable, account: NewAccount): Promise<void> {
  const { rows } = await on.query('SELECT 1 FROM account WHERE account_id = $1', [account.accountId]);
  if (rows.length === 0) await insertAccounts(on, [account]);
}

/** Makes sure that the outside world has an account in each currency: where money comes from and goes to. */
export async function ensureOutsideWorld(
  on: Queryable,
  accounts: readonly { accountId: string; ownerId: string; currency: Currency }[],
  openedAt: Date,
): Promise<void> {
  await on.query(
    `INSERT INTO account (account_id, owner_id, kind, currency, floor_minor, opened_at)
     SELECT id, owner, 'outside_world', currency, NULL, $4
     FROM unnest($1::text[], $2::text[], $3::text[]) AS t (id, owner, currency) ON CONFLICT DO NOTHING`,
    [
      accounts.map(({ accountId }) => accountId),
      accounts.map(({ ownerId }) => ownerId),
      accounts.map(({ currency }) => currency),
      openedAt,
    ],
  );
}

export async function findAccounts(on: Queryable, ownerId: string): Promise<AccountView[]> {
  const { rows } = await on.query<Row>(
    `SELECT ${COLUMNS} FROM account WHERE owner_id = $1 ORDER BY account_id LIMIT 1000`,
    [ownerId],
  );
  return rows.map(view);
}

/** An account of this owner, or `undefined`, so that nobody learns whether another's exists. */
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

export async function findEntries(
  on: Queryable,
  accountId: string,
  limit: number,
): Promise<
  {
    transferId: string;
    counterpartyAccountId: string;
    amountMinor: bigint;
    balanceMinor: bigint;
    paymentId?: string;
    postedAt: string;
  }[]
> {
  const { rows } = await on.query<{
    transfer_id: string;
    counterparty: string;
    amount_minor: bigint;
    balance_minor: bigint;
    payment_id: string | null;
    posted_at: Date;
  }>(
    `SELECT e.transfer_id, e.amount_minor, e.balance_minor, t.payment_id, e.posted_at,
            CASE WHEN t.debit_account_id = e.account_id THEN t.credit_account_id ELSE t.debit_account_id END AS counterparty
     FROM entry e JOIN transfer t USING (transfer_id)
     WHERE e.account_id = $1 ORDER BY e.entry_id DESC LIMIT $2`,
    [accountId, limit],
  );
  return rows.map((row) => ({
    transferId: row.transfer_id,
    counterpartyAccountId: row.counterparty,
    amountMinor: row.amount_minor,
    balanceMinor: row.balance_minor,
    ...(row.payment_id === null ? {} : { paymentId: row.payment_id }),
    postedAt: row.posted_at.toISOString(),
  }));
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

/** Sums balances, entries, pending amounts and open holds by currency, in one statement and so at one moment. */
export async function trialBalance(tx: Transaction): Promise<TrialBalanceRow[]> {
  allowScans(tx);
  const { rows } = await tx.query<TrialBalanceRow>(
    `SELECT a.currency, a.balances AS "balancesMinor", a.pending AS "pendingMinor", a.accounts,
            coalesce(e.entries, 0)::bigint AS "entriesMinor", coalesce(h.holds, 0)::bigint AS "holdsMinor",
            coalesce(t.transfers, 0)::int AS transfers
     FROM (SELECT currency, sum(posted_minor)::bigint AS balances, sum(pending_minor)::bigint AS pending, count(*)::int AS accounts
           FROM account GROUP BY currency) a
     LEFT JOIN (SELECT currency, sum(e.amount_minor) AS entries FROM entry e JOIN account USING (account_id) GROUP BY currency) e USING (currency)
     LEFT JOIN (SELECT currency, sum(amount_minor - posted_minor) AS holds FROM hold WHERE status = 'open' GROUP BY currency) h USING (currency)
     LEFT JOIN (SELECT currency, count(*) AS transfers FROM transfer GROUP BY currency) t USING (currency)
     ORDER BY a.currency`,
  );
  return rows;
}

/** For what reads whole tables: scans and hashes are right for it, unlike for the statements of a batch. */
function allowScans(tx: Transaction): void {
  tx.write({ text: 'SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on' });
}

export interface Imbalance {
  currency: Currency;
  /** Sum of all balances. */
  balancesMinor: bigint;
  /** By how much more accounts keep aside than open holds have left. */
  holdsMinor: bigint;
}

/** By how much the books of each currency do not balance, at one moment: by nothing, unless there is a fault. */
export async function imbalances(tx: Transaction): Promise<Imbalance[]> {
  allowScans(tx);
  const { rows } = await tx.query<Imbalance>(
    `SELECT a.currency, a.balances AS "balancesMinor", (a.pending - coalesce(h.holds, 0))::bigint AS "holdsMinor"
     FROM (SELECT currency, sum(posted_minor)::bigint AS balances, sum(pending_minor) AS pending FROM account GROUP BY currency) a
     LEFT JOIN (SELECT currency, sum(amount_minor - posted_minor) AS holds FROM hold WHERE status = 'open' GROUP BY currency) h USING (currency)
     ORDER BY a.currency`,
  );
  return rows;
}

/** Open holds that have run out. */
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

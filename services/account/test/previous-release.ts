import type { Queryable } from '@tallystick/postgres';

/** A hold as the previous release writes it. */
export interface PreviousHold {
  holdId: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: bigint;
}

/** A transfer as the previous release writes it, with the balances that it leaves. */
export interface PreviousTransfer {
  transferId: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: bigint;
  paymentId?: string;
  holdId?: string;
  refund?: boolean;
  postedAt: Date;
  balances: [debitMinor: bigint, creditMinor: bigint];
}

/**
 * The exact statements of the release before the journal. They are prepared by name, as there, so that the tests
 * include a connection that lives through the migration.
 */
export const previousRelease = {
  openAccount: (on: Queryable, accountId: string, currency: string, floorMinor: bigint | null) =>
    on.query(
      `INSERT INTO account (account_id, owner_id, kind, currency, floor_minor, opened_at)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING account_id AS "accountId", owner_id AS "ownerId", kind, currency, status, posted_minor AS "postedMinor",
  pending_minor AS "pendingMinor", posted_minor - pending_minor AS "availableMinor", opened_at AS "openedAt"`,
      [
        accountId,
        'usr_1',
        floorMinor === null ? 'outside_world' : 'customer',
        currency,
        floorMinor,
        new Date(),
      ],
    ),

  lockAccounts: (on: Queryable, accountIds: string[], holdIds: string[] = []) =>
    on.query<{ account_id: string; posted_minor: bigint; pending_minor: bigint }>({
      name: 'account_lock',
      text: `SELECT account_id, owner_id, currency, status, floor_minor, posted_minor, pending_minor
           FROM account
           WHERE account_id = ANY($1::text[] || ARRAY(SELECT credit_account_id FROM hold WHERE hold_id = ANY($2::text[])))
           ORDER BY account_id FOR NO KEY UPDATE`,
      values: [accountIds, holdIds],
    }),

  lockHolds: (on: Queryable, holdIds: string[]) =>
    on.query<{ hold_id: string; status: string; posted_minor: bigint }>({
      name: 'hold_lock',
      text: `SELECT hold_id, debit_account_id, credit_account_id, amount_minor, posted_minor, currency, payment_id,
                  authorization_id, status, expires_at
           FROM hold WHERE hold_id = ANY($1::text[]) ORDER BY hold_id FOR NO KEY UPDATE`,
      values: [holdIds],
    }),

  findTransfers: (on: Queryable, transferIds: string[]) =>
    on.query<{ transfer_id: string; amount_minor: bigint; payment_id: string | null }>({
      name: 'transfer_find',
      text: `SELECT transfer_id, debit_account_id, credit_account_id, amount_minor, currency, payment_id, hold_id, refund
           FROM transfer WHERE transfer_id = ANY($1::text[])`,
      values: [transferIds],
    }),

  findPaid: (on: Queryable, paymentIds: string[]) =>
    on.query<{ payment_id: string; paid: bigint; refunded: bigint }>({
      name: 'transfer_paid',
      text: `SELECT payment_id,
                  CASE WHEN refund THEN credit_account_id ELSE debit_account_id END AS payer,
                  CASE WHEN refund THEN debit_account_id ELSE credit_account_id END AS payee,
                  coalesce(sum(amount_minor) FILTER (WHERE NOT refund), 0)::bigint AS paid,
                  coalesce(sum(amount_minor) FILTER (WHERE refund), 0)::bigint AS refunded
           FROM transfer WHERE payment_id = ANY($1::text[]) GROUP BY 1, 2, 3`,
      values: [paymentIds],
    }),

  insertHolds: (on: Queryable, holds: readonly PreviousHold[]) =>
    on.query({
      name: 'hold_insert',
      text: `INSERT INTO hold (hold_id, debit_account_id, credit_account_id, amount_minor, posted_minor, currency, payment_id,
             authorization_id, status, expires_at, evidence_kind, evidence_iss, evidence_jti, placed_at)
           SELECT *, $14::timestamptz FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[],
             $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::text[])`,
      values: [
        holds.map(({ holdId }) => holdId),
        holds.map(({ debitAccountId }) => debitAccountId),
        holds.map(({ creditAccountId }) => creditAccountId),
        holds.map(({ amountMinor }) => amountMinor),
        holds.map(() => 0n),
        holds.map(() => 'EUR'),
        holds.map(({ holdId }) => `payment of ${holdId}`),
        holds.map(() => null),
        holds.map(() => 'open'),
        holds.map(() => new Date(Date.now() + 60_000)),
        holds.map(() => 'order'),
        holds.map(() => 'acme'),
        holds.map(({ holdId }) => holdId),
        new Date(),
      ],
    }),

  insertTransfers: (on: Queryable, transfers: readonly PreviousTransfer[]) =>
    on.query({
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
        transfers.map(() => 'EUR'),
        transfers.map(({ paymentId }) => paymentId ?? null),
        transfers.map(({ holdId }) => holdId ?? null),
        transfers.map(({ refund }) => refund ?? false),
        transfers.map(() => 'order'),
        transfers.map(() => 'acme'),
        transfers.map(({ transferId }) => transferId),
        transfers[0]!.postedAt,
      ],
    }),

  insertEntries: (on: Queryable, transfers: readonly PreviousTransfer[]) => {
    const entries = transfers.flatMap(
      ({ transferId, debitAccountId, creditAccountId, amountMinor, balances }) => [
        { accountId: debitAccountId, transferId, amountMinor: -amountMinor, balanceMinor: balances[0] },
        { accountId: creditAccountId, transferId, amountMinor, balanceMinor: balances[1] },
      ],
    );
    return on.query({
      name: 'entry_insert',
      text: `INSERT INTO entry (account_id, transfer_id, amount_minor, balance_minor, posted_at)
           SELECT *, $5::timestamptz FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])`,
      values: [
        entries.map(({ accountId }) => accountId),
        entries.map(({ transferId }) => transferId),
        entries.map(({ amountMinor }) => amountMinor),
        entries.map(({ balanceMinor }) => balanceMinor),
        transfers[0]!.postedAt,
      ],
    });
  },

  updateHolds: (on: Queryable, holdId: string, postedMinor: bigint, status: string) =>
    on.query({
      name: 'hold_update',
      text: `UPDATE hold h SET posted_minor = n.posted_minor, status = n.status
           FROM unnest($1::text[], $2::bigint[], $3::text[]) AS n (hold_id, posted_minor, status) CROSS JOIN LATERAL
             (SELECT hold.ctid FROM hold WHERE hold.hold_id = n.hold_id OFFSET 0) AS place WHERE h.ctid = place.ctid`,
      values: [[holdId], [postedMinor], [status]],
    }),

  updateAccounts: (on: Queryable, accounts: readonly (readonly [string, bigint, bigint])[]) =>
    on.query({
      name: 'account_update',
      text: `UPDATE account a SET posted_minor = n.posted_minor, pending_minor = n.pending_minor
           FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS n (account_id, posted_minor, pending_minor) CROSS JOIN
             LATERAL (SELECT account.ctid FROM account WHERE account.account_id = n.account_id OFFSET 0) AS place
           WHERE a.ctid = place.ctid`,
      values: [
        accounts.map(([accountId]) => accountId),
        accounts.map(([, postedMinor]) => postedMinor),
        accounts.map(([, , pendingMinor]) => pendingMinor),
      ],
    }),

  findEntries: (on: Queryable, accountId: string) =>
    on.query<{ transfer_id: string; amount_minor: bigint; balance_minor: bigint; counterparty: string }>(
      `SELECT e.transfer_id, e.amount_minor, e.balance_minor, t.payment_id, e.posted_at,
            CASE WHEN t.debit_account_id = e.account_id THEN t.credit_account_id ELSE t.debit_account_id END AS counterparty
     FROM entry e JOIN transfer t USING (transfer_id)
     WHERE e.account_id = $1 ORDER BY e.entry_id DESC LIMIT $2`,
      [accountId, 50],
    ),

  trialBalance: (on: Queryable) =>
    on.query<{ currency: string; balancesMinor: bigint; entriesMinor: bigint; transfers: number }>(
      `SELECT a.currency, a.balances AS "balancesMinor", a.pending AS "pendingMinor", a.accounts,
            coalesce(e.entries, 0)::bigint AS "entriesMinor", coalesce(h.holds, 0)::bigint AS "holdsMinor",
            coalesce(t.transfers, 0)::int AS transfers
     FROM (SELECT currency, sum(posted_minor)::bigint AS balances, sum(pending_minor)::bigint AS pending, count(*)::int AS accounts
           FROM account GROUP BY currency) a
     LEFT JOIN (SELECT currency, sum(e.amount_minor) AS entries FROM entry e JOIN account USING (account_id) GROUP BY currency) e USING (currency)
     LEFT JOIN (SELECT currency, sum(amount_minor - posted_minor) AS holds FROM hold WHERE status = 'open' GROUP BY currency) h USING (currency)
     LEFT JOIN (SELECT currency, count(*) AS transfers FROM transfer GROUP BY currency) t USING (currency)
     ORDER BY a.currency`,
    ),
};

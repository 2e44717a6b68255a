import { boundsOf, mapPage, readPage, rowsToRead } from '@tallystick/postgres';
import type { ListPage, ListRange, Queryable } from '@tallystick/postgres';

/** An entry of two legs, as its account sees it. */
export interface AccountEntry {
  transferId: string;
  counterpartyAccountId: string;
  amountMinor: bigint;
  balanceMinor: bigint;
  paymentId?: string;
  postedAt: string;
}

interface Row {
  transfer_id: string;
  counterparty: string;
  amount_minor: bigint;
  balance_minor: bigint;
  payment_id: string | null;
  posted_at: Date;
}

const entryOf = (row: Row): AccountEntry => ({
  transferId: row.transfer_id,
  counterpartyAccountId: row.counterparty,
  amountMinor: row.amount_minor,
  balanceMinor: row.balance_minor,
  ...(row.payment_id === null ? {} : { paymentId: row.payment_id }),
  postedAt: row.posted_at.toISOString(),
});

/** The ids in the list's places: the numbers of lines. */
export const LINE_NUMBER = /^\d{1,15}$/;

/**
 * Finds a page of the entries of an account, of a payment if one is named.
 *
 * The list has the order of the lines' numbers, which is that of their times: each batch has a later time than every
 * earlier one on its accounts. So a time is a number, and the primary key serves both.
 */
export async function findEntryPage(
  on: Queryable,
  accountId: string,
  { paymentId }: { paymentId?: string | undefined },
  range: ListRange,
): Promise<ListPage<AccountEntry>> {
  const { before, beforeId, from } = boundsOf(range);
  // A place has the number itself; a bound without one is a time.
  const end = beforeId === '' ? await firstLineAt(on, accountId, before) : BigInt(beforeId);
  const start = await firstLineAt(on, accountId, from);
  const ofPayment = `AND l.sequence IN (
      SELECT CASE WHEN p.debit_account_id = $1 THEN p.debit_sequence ELSE p.credit_sequence END FROM journal_entry p
      WHERE p.payment_id = $5 AND $1 IN (p.debit_account_id, p.credit_account_id))`;
  const page = await readPage<Row>(
    on,
    {
      text: `SELECT l.entry_id AS transfer_id, l.amount_minor, l.balance_minor, e.payment_id, l.posted_at,
          CASE WHEN e.debit_account_id = l.account_id THEN e.credit_account_id ELSE e.debit_account_id END AS counterparty,
          l.posted_at AS place_time, l.sequence::text AS place_id
        FROM journal_line l JOIN journal_entry e USING (entry_id)
        WHERE l.account_id = $1 AND l.legs = 2 AND l.sequence < $2 AND l.sequence >= $3
          ${paymentId === undefined ? '' : ofPayment}
        ORDER BY l.sequence DESC LIMIT $4`,
      values: [
        accountId,
        end,
        start,
        rowsToRead(range, false),
        ...(paymentId === undefined ? [] : [paymentId]),
      ],
      isFiltered: false,
    },
    range,
  );
  return mapPage(page, entryOf);
}

const AFTER_EVERY_LINE = 2n ** 63n - 1n;

/**
 * Finds the number of the first line of an account at a time or later: a binary search over the numbers 1, 2, 3, …, in as
 * many steps as the last one has bits.
 */
async function firstLineAt(
  on: Queryable,
  accountId: string,
  time: Date | 'infinity' | '-infinity',
): Promise<bigint> {
  if (time === '-infinity') return 1n;
  if (time === 'infinity') return AFTER_EVERY_LINE;
  const { rows } = await on.query<{ first: bigint }>(
    `WITH RECURSIVE search (low, high) AS (
       SELECT 1::bigint, sequence + 1 FROM account WHERE account_id = $1
       UNION ALL
       SELECT CASE WHEN l.posted_at < $2 THEN middle + 1 ELSE low END,
              CASE WHEN l.posted_at < $2 THEN high ELSE middle END
       FROM (SELECT low, high, (low + high) / 2 AS middle FROM search WHERE low < high) AS halves
       JOIN journal_line l ON l.account_id = $1 AND l.sequence = middle)
     SELECT low AS first FROM search WHERE low = high`,
    [accountId, time],
  );
  return rows[0]?.first ?? AFTER_EVERY_LINE;
}

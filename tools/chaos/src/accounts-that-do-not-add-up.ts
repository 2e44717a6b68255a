interface Account {
  id: string;
  floor: bigint | null;
  pending: bigint;
  held: bigint;
  posted: bigint;
  moved: bigint;
}

type Query = <Row extends object>(text: string) => Promise<Row[]>;

/** Returns accounts whose sums differ from their holds and lines. One statement reads all at the same point in time. */
export async function accountsThatDoNotAddUp(query: Query): Promise<string[]> {
  const rows = await query<Account>(
    `SELECT a.account_id AS id, a.floor_minor AS floor, a.pending_minor AS pending, a.posted_minor AS posted,
            coalesce(h.held, 0)::bigint AS held, coalesce(e.moved, 0)::bigint AS moved
     FROM account a
     LEFT JOIN (SELECT debit_account_id AS account_id, sum(amount_minor - posted_minor) AS held
                FROM hold WHERE status = 'open' GROUP BY 1) h USING (account_id)
     LEFT JOIN (SELECT account_id, sum(amount_minor) AS moved FROM journal_line GROUP BY 1) e USING (account_id)`,
  );
  return rows.flatMap(({ id, floor, pending, held, posted, moved }) => [
    ...(pending === held && posted === moved
      ? []
      : [`${id}: ${pending} reserved but holds sum to ${held}; posted ${posted} but lines sum to ${moved}`]),
    ...(floor === null || posted - pending >= floor
      ? []
      : [`${id} has ${posted - pending} available, below its minimum balance of ${floor}`]),
  ]);
}

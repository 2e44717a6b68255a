import { onDatabase } from '@tallystick/load';
import { promise } from './promise.ts';

interface Account {
  id: string;
  pending: bigint;
  held: bigint;
  posted: bigint;
  moved: bigint;
}

export const holdsAddUp = promise(
  'each account sets aside what its open holds have left, and is worth what its entries moved',
  async ({ stack }) => {
    const rows = await onDatabase(stack.postgres.account!, (query) =>
      query<Account>(
        `SELECT a.account_id AS id, a.pending_minor AS pending, a.posted_minor AS posted,
                coalesce((SELECT sum(h.amount_minor - h.posted_minor) FROM hold h
                          WHERE h.debit_account_id = a.account_id AND h.status = 'open'), 0)::bigint AS held,
                coalesce((SELECT sum(e.amount_minor) FROM entry e WHERE e.account_id = a.account_id), 0)::bigint AS moved
         FROM account a`,
      ),
    );
    return rows
      .filter(({ pending, held, posted, moved }) => pending !== held || posted !== moved)
      .map(
        ({ id, pending, held, posted, moved }) =>
          `${id} sets ${pending} aside for holds of ${held}, and has ${posted} where entries sum to ${moved}`,
      );
  },
);

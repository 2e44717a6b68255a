import { onDatabase } from '../system/query.ts';
import { holdsUnless, type Check } from './check.ts';

/** Each merchant's balance is the sum of its captured payments. */
export const merchantsReceived: Check = async ({ orders, stack }) => {
  const expected = new Map<string, bigint>();
  for (const { payeeAccountId, status, amountMinor } of orders) {
    const captured = status === 'captured' ? amountMinor : 0n;
    expected.set(payeeAccountId, (expected.get(payeeAccountId) ?? 0n) + captured);
  }
  const rows = await onDatabase(stack.postgres.account!, (query) =>
    query<{ id: string; posted: bigint }>(
      'SELECT account_id AS id, posted_minor AS posted FROM account WHERE account_id = ANY($1::text[])',
      [[...expected.keys()]],
    ),
  );
  const posted = new Map(rows.map(({ id, posted: balance }) => [id, balance]));
  return holdsUnless(
    [...expected]
      .filter(([id, amount]) => posted.get(id) !== amount)
      .map(([id, amount]) => `${id} has ${String(posted.get(id))}, expected ${amount}`),
  );
};

import { onDatabase } from '../system/query.ts';
import { holdsUnless, paymentIds, type Check } from './check.ts';

/** Each end-to-end id is one payment, and each captured payment one transfer; the others moved no money. */
export const oneEffect: Check = async ({ orders, stack }) => {
  const payments = await onDatabase(stack.postgres.payment!, (query) =>
    query<{ id: string; times: bigint }>(
      'SELECT end_to_end_id AS id, count(*) AS times FROM payment WHERE end_to_end_id = ANY($1::text[]) GROUP BY 1',
      [orders.map(({ endToEndId }) => endToEndId)],
    ),
  );
  const transfers = await onDatabase(stack.postgres.account!, (query) =>
    query<{ id: string; times: bigint }>(
      'SELECT payment_id AS id, count(*) AS times FROM journal_entry WHERE payment_id = ANY($1::text[]) GROUP BY 1',
      [paymentIds(orders)],
    ),
  );
  const timesOrdered = new Map(payments.map(({ id, times }) => [id, times]));
  const timesMoved = new Map(transfers.map(({ id, times }) => [id, times]));
  return holdsUnless(
    orders.flatMap(({ endToEndId, paymentId, status }) => {
      const moved = timesMoved.get(paymentId ?? '') ?? 0n;
      const ordered = timesOrdered.get(endToEndId) ?? 0n;
      const movedShould = status === 'captured' ? 1n : 0n;
      return ordered > 1n || (status === 'captured' && ordered !== 1n) || moved !== movedShould
        ? [`${endToEndId} is ${status}, has ${ordered} payments, and moved money ${moved} times`]
        : [];
    }),
  );
};

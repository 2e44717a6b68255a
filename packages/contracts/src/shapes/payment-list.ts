import * as z from 'zod';
import { accountFilter, listQuery, statusFilter } from './list.ts';
import { endToEndId } from './payment-order.ts';

/** Builds the query of a list of payments. */
export function paymentListQuery<const Status extends readonly [string, ...string[]]>(statuses: Status) {
  return z.strictObject({
    ...listQuery({ default: 50, max: 200 }),
    status: statusFilter(statuses),
    accountId: accountFilter,
    endToEndId: endToEndId.optional().meta({ description: 'Shows only those with this end-to-end id' }),
  });
}

import {
  boundsOf,
  mapPage,
  readPage,
  rowsToRead,
  type ListPage,
  type ListRange,
  type Queryable,
} from '@tallystick/postgres';
import type { Payment } from '../domain/payment.ts';
import { paymentOf, type PaymentRow } from './payments.ts';

export interface PaymentFilter {
  status?: Payment['status'] | undefined;
  /** One of the customer's accounts, which paid or received. */
  accountId?: string | undefined;
  endToEndId?: string | undefined;
}

const isOrdered = "p.initiator_kind = 'subject' AND p.initiator_id = $1";
/** Orders of others appear once the money is held, so that nobody can write into a customer's list. */
const isShown = `(p.status NOT IN ('requested', 'failed') OR ${isOrdered})`;
const isSource = "p.source_kind = 'account' AND p.source_id = mine.account_id";
const isPayee = 'p.payee_account_id = mine.account_id';

/**
 * Finds the payments that a customer ordered, and those that their accounts paid or received, newest first by the clock
 * of this service. A page costs the same however long the list is: each part reads its newest rows in the order of an
 * index.
 */
export async function findPaymentPage(
  on: Queryable,
  subject: string,
  { status, accountId, endToEndId }: PaymentFilter,
  range: ListRange,
): Promise<ListPage<Payment>> {
  const isFiltered = status !== undefined;
  const { before, beforeId, from } = boundsOf(range);
  const values: unknown[] = [subject, rowsToRead(range, isFiltered), before, beforeId, from];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const ofAccount = accountId === undefined ? '' : `AND account_id = ${parameter(accountId)}`;
  const hasReference = endToEndId === undefined ? '' : `AND p.end_to_end_id = ${parameter(endToEndId)}`;

  const newest = (condition: string): string =>
    `SELECT p.* FROM payment p WHERE ${condition} ${hasReference}
       AND (p.created_at, p.payment_id) < ($3::timestamptz, $4::text) AND p.created_at >= $5::timestamptz
     ORDER BY p.created_at DESC, p.payment_id DESC LIMIT $2`;
  const onMine = (condition: string): string =>
    `SELECT page.* FROM mine CROSS JOIN LATERAL (${newest(condition)}) AS page`;
  const parts = [onMine(`${isPayee} AND ${isShown}`)];
  if (endToEndId === undefined) parts.push(onMine(`${isSource} AND ${isShown}`));
  // The unique index of references lacks failed payments: the part below has those of the customer.
  else parts.push(onMine(`${isSource} AND ${isShown} AND NOT p.end_to_end_id_freed`));
  if (accountId === undefined) parts.push(newest(isOrdered));
  else if (endToEndId !== undefined) parts.push(onMine(`${isSource} AND ${isOrdered}`));

  const page = await readPage<PaymentRow>(
    on,
    {
      text: `WITH mine AS (SELECT account_id FROM account_owner WHERE owner_id = $1 ${ofAccount}),
        found AS (${parts.map((part) => `(${part})`).join(' UNION ')})
        SELECT *, created_at AS place_time, payment_id AS place_id
          ${isFiltered ? `, status = ${parameter(status)} AS matches` : ''}
        FROM found ORDER BY created_at DESC, payment_id DESC LIMIT $2`,
      values,
      isFiltered,
    },
    range,
  );
  return mapPage(page, paymentOf);
}

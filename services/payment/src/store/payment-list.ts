import type { Queryable } from '@tallystick/postgres';
import type { Payment } from '../domain/payment.ts';
import { paymentOf, type PaymentRow } from './payments.ts';

/** A place in a list: after this payment. */
export type ListPlace = Pick<Payment, 'createdAtMs' | 'paymentId'>;

export interface PaymentPage {
  payments: Payment[];
  /** `undefined` on the last page. */
  next: ListPlace | undefined;
}

const newest = (condition: string): string => `SELECT p.* FROM payment p WHERE ${condition}
  AND (p.created_at, p.payment_id) < ($3::timestamptz, $4::text) ORDER BY p.created_at DESC, p.payment_id DESC LIMIT $2`;
const onMine = (condition: string): string =>
  `SELECT page.* FROM mine CROSS JOIN LATERAL (${newest(condition)}) AS page`;
const accepted = "p.status NOT IN ('requested', 'failed')";

/** Each part yields its newest, so a page costs the same however long the list is. */
const page = `
  WITH mine AS (SELECT account_id FROM account_owner WHERE owner_id = $1),
  found AS (
    (${newest("p.initiator_kind = 'subject' AND p.initiator_id = $1")})
    UNION (${onMine(`p.payee_account_id = mine.account_id AND ${accepted}`)})
    UNION (${onMine(`p.source_kind = 'account' AND p.source_id = mine.account_id AND ${accepted}`)}))
  SELECT * FROM found ORDER BY created_at DESC, payment_id DESC LIMIT $2`;

/**
 * Finds the payments that a customer ordered, and those that their accounts paid or received, newest first by the clock
 * of this service. Orders of others appear once the money is held, so that nobody can write into a customer's list.
 */
export async function findPage(
  on: Queryable,
  subject: string,
  limit: number,
  after: ListPlace | undefined,
): Promise<PaymentPage> {
  const from = after === undefined ? 'infinity' : new Date(after.createdAtMs);
  const { rows } = await on.query<PaymentRow>(page, [subject, limit + 1, from, after?.paymentId ?? '']);
  const payments = rows.slice(0, limit).map(paymentOf);
  return { payments, next: rows.length > limit ? payments.at(-1) : undefined };
}

/** Formats a place as an opaque cursor. */
export function encodePlace({ createdAtMs, paymentId }: ListPlace): string {
  return Buffer.from(`${createdAtMs} ${paymentId}`).toString('base64url');
}

/** Reads a cursor; `undefined` if this service did not write it. */
export function decodePlace(cursor: string): ListPlace | undefined {
  const match = /^(\d{1,15}) (pay_[0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString());
  return match === null ? undefined : { createdAtMs: Number(match[1]), paymentId: match[2]! };
}

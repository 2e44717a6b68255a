import type { Queryable } from '@tallystick/postgres';

/** A payment with its last event. */
export interface NewestPayment {
  paymentId: string;
  at: Date;
  type: string;
  endToEndId: string | null;
  /** In minor units, as a decimal. */
  amountMinor: string | null;
  currency: string | null;
}

/** Events of one payment among the newest, of which the last is shown. */
const EVENTS_OF_ONE = 4;

/**
 * Returns the payments of the newest events, each once with its last event, newest first.
 * @param types of events that say what became of a payment
 */
export async function findNewestPayments(
  on: Queryable,
  types: readonly string[],
  limit: number,
): Promise<NewestPayment[]> {
  const { rows } = await on.query<NewestPayment>(
    `WITH newest AS (
       SELECT one.* FROM unnest($1::text[]) AS t (type) CROSS JOIN LATERAL (
         SELECT facts->>'paymentId' AS payment_id, recorded_at, record_no, r.type, facts FROM indexed_record r
         WHERE r.type = t.type AND failed_check IS NULL ORDER BY recorded_at DESC LIMIT $2) AS one)
     SELECT payment_id AS "paymentId", recorded_at AS at, type, facts->>'endToEndId' AS "endToEndId",
       facts->>'amountMinor' AS "amountMinor", facts->>'currency' AS currency
     FROM (SELECT DISTINCT ON (payment_id) * FROM newest WHERE payment_id IS NOT NULL
           ORDER BY payment_id, recorded_at DESC, record_no DESC) AS one_each
     ORDER BY recorded_at DESC LIMIT $3`,
    [types, limit * EVENTS_OF_ONE, limit],
  );
  return rows;
}

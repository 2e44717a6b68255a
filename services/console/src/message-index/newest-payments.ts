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
  // A statement for each type: the planner then knows how rare each is, and reads by type and not through all times.
  const ofType = types.map(
    (_, at) =>
      `(SELECT facts->>'paymentId' AS payment_id, recorded_at, record_no, type, facts FROM indexed_record
        WHERE type = $${at + 3} AND failed_check IS NULL ORDER BY recorded_at DESC LIMIT $1)`,
  );
  const { rows } = await on.query<NewestPayment>(
    `WITH newest AS (${ofType.join(' UNION ALL ')})
     SELECT payment_id AS "paymentId", recorded_at AS at, type, facts->>'endToEndId' AS "endToEndId",
       facts->>'amountMinor' AS "amountMinor", facts->>'currency' AS currency
     FROM (SELECT DISTINCT ON (payment_id) * FROM newest WHERE payment_id IS NOT NULL
           ORDER BY payment_id, recorded_at DESC, record_no DESC) AS one_each
     ORDER BY recorded_at DESC LIMIT $2`,
    [limit * EVENTS_OF_ONE, limit, ...types],
  );
  return rows;
}

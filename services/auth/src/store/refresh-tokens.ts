import type { Queryable } from '@tallystick/postgres';

/** The rotation of refresh tokens, with a grace for a client whose answer was lost. */
export interface RefreshTokens {
  /**
   * Marks a refresh token as used. A used one is accepted until its grace ends; a retry does not prolong it.
   * @param graceS length of the grace, in seconds
   * @returns false if the token is gone, or was used and has no grace left
   */
  useRefreshToken(id: string, graceS: number): Promise<boolean>;
  /** Whether a used refresh token has grace left and no successor of it was used. */
  mayRetry(id: string): Promise<boolean>;
}

export function createRefreshTokens(db: Queryable): RefreshTokens {
  return {
    async useRefreshToken(id, graceS) {
      const { rowCount } = await db.query(
        `UPDATE oidc_record
         SET consumed_at = coalesce(consumed_at, now()),
             retry_until = coalesce(retry_until, now() + make_interval(secs => $2))
         WHERE model = 'RefreshToken' AND id = $1 AND (consumed_at IS NULL OR retry_until > now())`,
        [id, graceS],
      );
      return rowCount === 1;
    },

    async mayRetry(id) {
      const { rows } = await db.query(
        `SELECT 1 FROM oidc_record WHERE model = 'RefreshToken' AND id = $1 AND retry_until > now()
           AND NOT EXISTS (SELECT FROM oidc_record s
                           WHERE s.model = 'RefreshToken' AND s.predecessor_id = $1 AND s.consumed_at IS NOT NULL)`,
        [id],
      );
      return rows.length > 0;
    },
  };
}

/**
 * Prepares the place of a successor: deletes the unused successors that earlier answers gave. Run it in the transaction
 * that writes the successor, which then is the only one that works. Retries wait here for each other.
 * @returns false if the predecessor is gone or one of its successors was used
 */
export async function replaceSuccessors(tx: Queryable, predecessorId: string): Promise<boolean> {
  const predecessor = await tx.query(
    `SELECT 1 FROM oidc_record WHERE model = 'RefreshToken' AND id = $1 FOR UPDATE`,
    [predecessorId],
  );
  await tx.query(
    `DELETE FROM oidc_record WHERE model = 'RefreshToken' AND predecessor_id = $1 AND consumed_at IS NULL`,
    [predecessorId],
  );
  // In a statement of its own, which sees a use that the deletion waited for.
  const used = await tx.query(
    `SELECT 1 FROM oidc_record WHERE model = 'RefreshToken' AND predecessor_id = $1 LIMIT 1`,
    [predecessorId],
  );
  return predecessor.rows.length > 0 && used.rows.length === 0;
}

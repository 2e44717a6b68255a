import type { Queryable, Sweep } from '@tallystick/postgres';
import { createRefreshTokens, type RefreshTokens } from './refresh-tokens.ts';
import { REVOKED_AGAIN } from './revocations.ts';

export interface StoredRecord {
  payload: unknown;
  /** Seconds since the epoch, or null if the record is unused. */
  consumedAtS: number | null;
}

export interface NewRecord {
  model: string;
  id: string;
  /** JSON text. */
  payload: string;
  uid: string | null;
  userCode: string | null;
  grantId: string | null;
  /** Null if the record lives until it is destroyed. */
  expiresInS: number | null;
  /** Writes only if no living record has this id. */
  onlyNew: boolean;
  /** The refresh token that this one replaces; null for every other record. */
  predecessorId: string | null;
}

/**
 * The records of the authorization server. Each method is one statement or transaction, so that replicas never see a
 * partial change.
 */
export interface OidcRecords extends RefreshTokens {
  /** @returns false if `onlyNew` is set and a living record has the id, or a successor of `predecessorId` was used */
  put(record: NewRecord): Promise<boolean>;
  find(model: string, id: string): Promise<StoredRecord | undefined>;
  findByUid(model: string, uid: string): Promise<StoredRecord | undefined>;
  findByUserCode(model: string, userCode: string): Promise<StoredRecord | undefined>;
  /** Marks a record as used. @returns true for the first caller only */
  consume(model: string, id: string): Promise<boolean>;
  /** Whether an operator disabled a client. */
  isClientDisabled(clientId: string): Promise<boolean>;
  destroy(model: string, id: string): Promise<void>;
  /** Deletes a consent and everything issued under it, and revokes its access tokens. */
  destroyGrant(grantId: string): Promise<void>;
  /**
   * Deletes a session and revokes the access tokens that end with it.
   * @param uid the session's name in tokens
   */
  destroySession(id: string, uid: string): Promise<void>;
}

export const EXPIRED_RECORDS: Sweep = {
  text: `DELETE FROM oidc_record WHERE (model, id) IN (
           SELECT model, id FROM oidc_record WHERE expires_at <= now()
           ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
};

interface Row {
  payload: unknown;
  consumed_at_s: number | null;
}

const COLUMNS = 'payload, extract(epoch FROM consumed_at)::integer AS consumed_at_s';
const LIVING = '(expires_at IS NULL OR expires_at > now())';

/** Stores the records in the Postgres table `oidc_record`. */
export function createOidcRecords(db: Queryable): OidcRecords {
  const one = async (where: string, values: readonly string[]): Promise<StoredRecord | undefined> => {
    const found = await db.query<Row>(
      `SELECT ${COLUMNS} FROM oidc_record WHERE ${where} AND ${LIVING} LIMIT 1`,
      [...values],
    );
    const row = found.rows[0];
    return row === undefined ? undefined : { payload: row.payload, consumedAtS: row.consumed_at_s };
  };

  return {
    ...createRefreshTokens(db),

    async put(record) {
      const result = await db.query(
        `INSERT INTO oidc_record AS kept (model, id, payload, uid, user_code, grant_id, expires_at, predecessor_id)
         VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7), $9)
         ON CONFLICT (model, id) DO UPDATE
           SET payload = excluded.payload, uid = excluded.uid, user_code = excluded.user_code,
               grant_id = excluded.grant_id, expires_at = excluded.expires_at
           WHERE NOT $8 OR kept.expires_at <= now()`,
        [
          record.model,
          record.id,
          record.payload,
          record.uid,
          record.userCode,
          record.grantId,
          record.expiresInS,
          record.onlyNew,
          record.predecessorId,
        ],
      );
      return result.rowCount === 1;
    },

    find: (model, id) => one('model = $1 AND id = $2', [model, id]),
    findByUid: (model, uid) => one('model = $1 AND uid = $2', [model, uid]),
    findByUserCode: (model, userCode) => one('model = $1 AND user_code = $2', [model, userCode]),

    async consume(model, id) {
      const result = await db.query(
        'UPDATE oidc_record SET consumed_at = now() WHERE model = $1 AND id = $2 AND consumed_at IS NULL',
        [model, id],
      );
      return result.rowCount === 1;
    },

    async isClientDisabled(clientId) {
      const { rows } = await db.query('SELECT 1 FROM disabled_client WHERE client_id = $1', [clientId]);
      return rows.length > 0;
    },

    async destroy(model, id) {
      await db.query('DELETE FROM oidc_record WHERE model = $1 AND id = $2', [model, id]);
    },

    async destroyGrant(grantId) {
      await db.query(
        `WITH gone AS (DELETE FROM oidc_record WHERE grant_id = $1 OR (model = 'Grant' AND id = $1))
         INSERT INTO revocation (kind, id, revoked_at) VALUES ('grant', $1, now()) ${REVOKED_AGAIN}`,
        [grantId],
      );
    },

    async destroySession(id, uid) {
      await db.query(
        `WITH gone AS (DELETE FROM oidc_record WHERE model = 'Session' AND id = $1)
         INSERT INTO revocation (kind, id, revoked_at) VALUES ('session', $2, now()) ${REVOKED_AGAIN}`,
        [id, uid],
      );
    },
  };
}

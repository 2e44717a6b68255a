import type { Queryable, Sweep } from '@tallystick/postgres';

/** A session ends this long after its last request. */
const IDLE_MAX = `interval '30 minutes'`;
/** A session ends this long after the sign-in, however it is used. */
const AGE_MAX = `interval '8 hours'`;
/** A sign-in must be finished within this time. */
const PENDING_MAX = `interval '15 minutes'`;
/** The last request is noted to this precision, so that most requests write nothing. */
const USE_NOTED_AFTER = `interval '30 seconds'`;

/** Keeps a sign-in until the browser comes back. */
export async function putPending(db: Queryable, idDigest: Buffer, sealed: Buffer): Promise<void> {
  await db.query('INSERT INTO pending_sign_in (id_digest, sealed) VALUES ($1, $2)', [idDigest, sealed]);
}

/** Takes a sign-in, which works once. @returns `undefined` if it is unknown, taken or too old */
export async function takePending(db: Queryable, idDigest: Buffer): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ sealed: Buffer; is_living: boolean }>(
    `DELETE FROM pending_sign_in WHERE id_digest = $1
     RETURNING sealed, created_at > now() - ${PENDING_MAX} AS is_living`,
    [idDigest],
  );
  return rows[0]?.is_living === true ? rows[0].sealed : undefined;
}

export async function putSession(
  db: Queryable,
  idDigest: Buffer,
  { operatorId, sealed }: { operatorId: string; sealed: Buffer },
): Promise<void> {
  await db.query('INSERT INTO session (id_digest, operator_id, sealed) VALUES ($1, $2, $3)', [
    idDigest,
    operatorId,
    sealed,
  ]);
}

const LIVING = `used_at > now() - ${IDLE_MAX} AND created_at > now() - ${AGE_MAX}`;

/**
 * Finds a session that has not ended.
 * @param isLocked whether its row stays locked until the transaction ends
 */
export async function findSession(
  db: Queryable,
  idDigest: Buffer,
  isLocked = false,
): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ sealed: Buffer }>(
    `SELECT sealed FROM session WHERE id_digest = $1 AND ${LIVING}${isLocked ? ' FOR UPDATE' : ''}`,
    [idDigest],
  );
  return rows[0]?.sealed;
}

/** Notes that a session was used. */
export async function noteUse(db: Queryable, idDigest: Buffer): Promise<void> {
  await db.query(
    `UPDATE session SET used_at = now() WHERE id_digest = $1 AND used_at < now() - ${USE_NOTED_AFTER}`,
    [idDigest],
  );
}

/** Keeps the tokens of a session after a refresh. */
export async function resealSession(db: Queryable, idDigest: Buffer, sealed: Buffer): Promise<void> {
  await db.query('UPDATE session SET sealed = $2 WHERE id_digest = $1', [idDigest, sealed]);
}

export async function deleteSession(db: Queryable, idDigest: Buffer): Promise<void> {
  await db.query('DELETE FROM session WHERE id_digest = $1', [idDigest]);
}

export const ENDED_SESSIONS: Sweep = {
  text: `DELETE FROM session WHERE id_digest IN (
           SELECT id_digest FROM session WHERE NOT (${LIVING}) LIMIT $1 FOR UPDATE SKIP LOCKED)`,
};
export const ENDED_SIGN_INS: Sweep = {
  text: `DELETE FROM pending_sign_in WHERE id_digest IN (
           SELECT id_digest FROM pending_sign_in WHERE created_at < now() - ${PENDING_MAX}
           LIMIT $1 FOR UPDATE SKIP LOCKED)`,
};

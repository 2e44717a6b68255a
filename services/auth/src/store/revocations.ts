import type { RevocationKind } from '@tallystick/contracts';
import { rowSource, type Queryable } from '@tallystick/postgres';

/** A revocation of tokens. */
export interface Revocation {
  kind: RevocationKind;
  id: string;
  revokedAt: Date;
}

const asked = rowSource<Pick<Revocation, 'kind' | 'id'>>({
  kind: ['text', ({ kind }) => kind],
  id: ['text', ({ id }) => id],
});

/** The clause that repeats a revocation: it is published again, with the later time. */
export const REVOKED_AGAIN = `ON CONFLICT (kind, id) DO UPDATE
  SET revoked_at = greatest(revocation.revoked_at, excluded.revoked_at), is_published = false`;

/** Revokes tokens. They are refused everywhere once the revocation is published. */
export async function putRevocations(
  db: Queryable,
  revoked: readonly Pick<Revocation, 'kind' | 'id'>[],
): Promise<void> {
  if (revoked.length === 0) return;
  await db.query(
    `INSERT INTO revocation (kind, id, revoked_at) SELECT kind, id, now() FROM (${asked.sql}) AS asked ${REVOKED_AGAIN}`,
    asked.values(revoked),
  );
}

interface Row {
  kind: RevocationKind;
  id: string;
  revoked_at: Date;
}

const revocationOf = ({ kind, id, revoked_at }: Row): Revocation => ({ kind, id, revokedAt: revoked_at });

/** Whether a revocation waits to be published, or one from before a time waits to be deleted. */
export async function hasRevocationsToPublish(db: Queryable, before: Date): Promise<boolean> {
  const { rows } = await db.query(
    'SELECT 1 FROM revocation WHERE NOT is_published UNION ALL SELECT 1 FROM revocation WHERE revoked_at < $1 LIMIT 1',
    [before],
  );
  return rows.length > 0;
}

/** Takes revocations that are not published yet, and marks them; another replica takes others. */
export async function takeUnpublished(db: Queryable, limit: number): Promise<Revocation[]> {
  const { rows } = await db.query<Row>(
    `UPDATE revocation SET is_published = true WHERE (kind, id) IN (
       SELECT kind, id FROM revocation WHERE NOT is_published ORDER BY revoked_at LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING kind, id, revoked_at`,
    [limit],
  );
  return rows.map(revocationOf);
}

/** Takes revocations from before a time, and deletes them. */
export async function takeEnded(db: Queryable, before: Date, limit: number): Promise<Revocation[]> {
  const { rows } = await db.query<Row>(
    `DELETE FROM revocation WHERE (kind, id) IN (
       SELECT kind, id FROM revocation WHERE revoked_at < $1 AND is_published
       ORDER BY revoked_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING kind, id, revoked_at`,
    [before, limit],
  );
  return rows.map(revocationOf);
}

/** Has all revocations published again, as under a new key of the registrar. */
export async function republishAll(db: Queryable): Promise<void> {
  await db.query('UPDATE revocation SET is_published = false');
}

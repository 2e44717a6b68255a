import { createHash } from 'node:crypto';
import { permission, type Permission } from '@tallystick/contracts';
import type { Queryable, Sweep } from '@tallystick/postgres';
import * as z from 'zod';

/** An invitation of a third party to register a key with these permissions. */
export interface Enrolment {
  producerId: string;
  permissions: readonly Permission[];
  batch: boolean;
  /** The operator that invited: a client, or a person. */
  createdBy: string;
  expiresAt: Date;
}

const digestOf = (code: string): string => createHash('sha256').update(code).digest('base64url');

/** Inserts an enrolment; the database has only the digest of its code. */
export async function putEnrolment(db: Queryable, code: string, enrolment: Enrolment): Promise<void> {
  const { producerId, permissions, batch, createdBy, expiresAt } = enrolment;
  await db.query(
    `INSERT INTO enrolment (code_digest, producer_id, permissions, batch, created_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [digestOf(code), producerId, JSON.stringify(permissions), batch, createdBy, expiresAt],
  );
}

const row = z.object({
  producer_id: z.string(),
  permissions: z.array(permission),
  batch: z.boolean(),
  created_by: z.string(),
  expires_at: z.date(),
});

/** Uses an enrolment up. @returns `undefined` if the code is unknown, used or expired */
export async function takeEnrolment(db: Queryable, code: string): Promise<Enrolment | undefined> {
  const { rows } = await db.query(
    `UPDATE enrolment SET used_at = now() WHERE code_digest = $1 AND used_at IS NULL AND expires_at > now()
     RETURNING producer_id, permissions, batch, created_by, expires_at`,
    [digestOf(code)],
  );
  const found = row.optional().parse(rows[0]);
  return (
    found && {
      producerId: found.producer_id,
      permissions: found.permissions,
      batch: found.batch,
      createdBy: found.created_by,
      expiresAt: found.expires_at,
    }
  );
}

/** Enrolments are kept for a day after they expired. */
export const EXPIRED_ENROLMENTS: Sweep = {
  text: `DELETE FROM enrolment WHERE code_digest IN (
           SELECT code_digest FROM enrolment WHERE expires_at < now() - interval '1 day'
           LIMIT $1 FOR UPDATE SKIP LOCKED)`,
};

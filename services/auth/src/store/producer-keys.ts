import { API_AUDIENCE, permission, publicJwk } from '@tallystick/contracts';
import { findPage, mapPage, type ListPage, type ListRange, type Queryable } from '@tallystick/postgres';
import * as z from 'zod';
import type { ProducerKey } from '../domain/producer-key.ts';

/** A key with its certificate, byte for byte as published. */
export interface CertifiedKey {
  key: ProducerKey;
  certificate: string;
}

const row = z
  .object({
    kid: z.string(),
    producer_id: z.string(),
    public_jwk: publicJwk,
    use: z.enum(['sig', 'enc']),
    permissions: z.array(permission),
    batch: z.boolean(),
    not_before_s: z.bigint(),
    expires_at_s: z.bigint(),
    status: z.enum(['active', 'retired', 'revoked']),
    revoked_since_s: z.bigint().nullable(),
    certificate: z.string(),
  })
  .transform((kept): CertifiedKey => ({
    certificate: kept.certificate,
    key: {
      kid: kept.kid,
      producerId: kept.producer_id,
      publicJwk: kept.public_jwk,
      use: kept.use,
      permissions: kept.permissions,
      batch: kept.batch,
      notBeforeS: Number(kept.not_before_s),
      expiresAtS: Number(kept.expires_at_s),
      status: kept.status,
      revokedSinceS: kept.revoked_since_s === null ? undefined : Number(kept.revoked_since_s),
    },
  }));

const COLUMNS = `kid, producer_id, public_jwk, use, permissions, not_before_s, expires_at_s, status, revoked_since_s,
  certificate, batch`;

/** Returns all keys, oldest first. */
export async function listKeys(db: Queryable): Promise<CertifiedKey[]> {
  const found = await db.query(`SELECT ${COLUMNS} FROM producer_key ORDER BY created_at, kid`);
  return z.array(row).parse(found.rows);
}

/** Finds a page of the keys of all producers, by the time of their registration. */
export async function findKeyPage(db: Queryable, range: ListRange): Promise<ListPage<ProducerKey>> {
  const list = { columns: COLUMNS, from: 'producer_key', where: 'true', values: [] };
  const page = await findPage(db, { ...list, time: 'created_at', id: 'kid' }, range);
  return mapPage(page, (found) => row.parse(found).key);
}

/** Returns the keys of a producer, oldest first. */
export async function listKeysOf(db: Queryable, producerId: string): Promise<ProducerKey[]> {
  const found = await db.query(
    `SELECT ${COLUMNS} FROM producer_key WHERE producer_id = $1 ORDER BY created_at, kid`,
    [producerId],
  );
  return z
    .array(row)
    .parse(found.rows)
    .map(({ key }) => key);
}

export async function findKey(db: Queryable, kid: string): Promise<CertifiedKey | undefined> {
  const found = await db.query(`SELECT ${COLUMNS} FROM producer_key WHERE kid = $1`, [kid]);
  return row.optional().parse(found.rows[0]);
}

/** Inserts the key or replaces the stored one. */
export async function putKey(db: Queryable, { key, certificate }: CertifiedKey): Promise<void> {
  await db.query(
    `INSERT INTO producer_key (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (kid) DO UPDATE
       SET permissions = excluded.permissions, batch = excluded.batch, expires_at_s = excluded.expires_at_s, status = excluded.status,
           revoked_since_s = excluded.revoked_since_s, certificate = excluded.certificate`,
    [
      key.kid,
      key.producerId,
      JSON.stringify(key.publicJwk),
      key.use,
      JSON.stringify(key.permissions),
      key.notBeforeS,
      key.expiresAtS,
      key.status,
      key.revokedSinceS ?? null,
      certificate,
      key.batch,
    ],
  );
}

const isTokenKey = `permissions @> '[{"topic": "${API_AUDIENCE}"}]'::jsonb`;

/** Marks every token key but this one as replaced; one that is marked keeps its time. */
export async function noteTokenKey(db: Queryable, kid: string, at: Date): Promise<void> {
  await db.query(
    `UPDATE producer_key SET replaced_at = CASE WHEN kid <> $1 THEN $2::timestamptz END
     WHERE ${isTokenKey} AND (kid <> $1) = (replaced_at IS NULL)`,
    [kid, at],
  );
}

/** Finds the active token keys that were replaced before a time. */
export async function findReplaced(db: Queryable, before: Date): Promise<CertifiedKey[]> {
  const found = await db.query(
    `SELECT ${COLUMNS} FROM producer_key WHERE ${isTokenKey} AND replaced_at < $1 AND status = 'active'`,
    [before],
  );
  return z.array(row).parse(found.rows);
}

/**
 * Takes the next version of the snapshot and locks its row until the transaction ends. No other transaction can change
 * keys meanwhile. Versions follow the clock, so that a lost database continues above the last version.
 */
export async function nextSnapshotVersion(db: Queryable, nowS: number): Promise<number> {
  const taken = await db.query<{ version: bigint }>(
    'UPDATE key_snapshot SET version = greatest(version + 1, $1), issued_at_s = $1 RETURNING version',
    [nowS],
  );
  return Number(taken.rows[0]!.version);
}

/** Returns the version of the last snapshot and locks its row until the transaction ends. */
export async function lockSnapshotVersion(db: Queryable): Promise<number> {
  const found = await db.query<{ version: bigint }>('SELECT version FROM key_snapshot FOR UPDATE');
  return Number(found.rows[0]!.version);
}

/** Continues after a version that was issued before the database was restored. */
export async function raiseSnapshotVersion(db: Queryable, version: number): Promise<void> {
  await db.query('UPDATE key_snapshot SET version = greatest(version, $1)', [version]);
}

/** Returns when the last snapshot was issued, in seconds since the epoch; 0 before the first. */
export async function snapshotIssuedAtS(db: Queryable): Promise<number> {
  const found = await db.query<{ issued_at_s: bigint }>('SELECT issued_at_s FROM key_snapshot');
  return Number(found.rows[0]!.issued_at_s);
}

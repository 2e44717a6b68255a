import { createHash } from 'node:crypto';
import { CodedError } from '@tallystick/contracts';
import type { Pool, Queryable } from '@tallystick/postgres';

/** How long the first answer is kept, in hours. */
const KEPT_H = 24;
const PRUNE_ROWS_MAX = 5_000;

/** An answer as it goes to the client. */
export interface StoredReply {
  status: number;
  /** JSON text. */
  body: string;
}

/** The request that an `Idempotency-Key` stands for. */
export interface IdempotentRequest {
  subject: string;
  key: string;
  digest: Buffer;
}

/** What makes two requests the same: method, path and body, to the byte. */
export function requestDigest(method: string, path: string, body: string): Buffer {
  return createHash('sha256').update(`${method}\n${path}\n${body}`).digest();
}

/**
 * Claims an idempotency key for the running transaction (draft-ietf-httpapi-idempotency-key-header).
 * @returns the first answer where there is one, or `undefined` where this request is the first
 * @throws CodedError `idempotency.in_progress`, `idempotency.key_reused`
 */
export async function claimKey(
  tx: Queryable,
  { subject, key, digest }: IdempotentRequest,
): Promise<StoredReply | undefined> {
  const lock = await tx.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked',
    [`idempotency\n${subject}\n${key}`],
  );
  if (lock.rows[0]?.locked !== true) throw new CodedError('idempotency.in_progress');
  const inserted = await tx.query(
    'INSERT INTO idempotency_key (subject, key, request_digest) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [subject, key, digest],
  );
  if (inserted.rowCount === 1) return undefined;
  const { rows } = await tx.query<{ request_digest: Buffer; status: number; body: string }>(
    'SELECT request_digest, status, body FROM idempotency_key WHERE subject = $1 AND key = $2',
    [subject, key],
  );
  const first = rows[0]!;
  if (!first.request_digest.equals(digest)) throw new CodedError('idempotency.key_reused');
  return { status: first.status, body: first.body };
}

/** Keeps the answer beside its key: first within the transaction, and again where waiting made it fuller. */
export async function keepReply(
  on: Queryable | Pool,
  { subject, key }: IdempotentRequest,
  { status, body }: StoredReply,
): Promise<void> {
  await on.query('UPDATE idempotency_key SET status = $3, body = $4 WHERE subject = $1 AND key = $2', [
    subject,
    key,
    status,
    body,
  ]);
}

/** Forgets old answers and proofs that would be refused by their age. A bounded number of rows a call. */
export async function pruneEdge(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM idempotency_key WHERE ctid IN
       (SELECT ctid FROM idempotency_key WHERE created_at < now() - make_interval(hours => $1) LIMIT $2)`,
    [KEPT_H, PRUNE_ROWS_MAX],
  );
  await pool.query(
    'DELETE FROM used_proof WHERE ctid IN (SELECT ctid FROM used_proof WHERE remember_until < now() LIMIT $1)',
    [PRUNE_ROWS_MAX],
  );
}

import { createHash } from 'node:crypto';
import {
  insertRows,
  rowSource,
  sweep,
  type Columns,
  type Pool,
  type Sweep,
  type Transaction,
} from '@tallystick/postgres';
import type { SealedReply } from './sealed-reply.ts';

/** Retention of the first answer, in hours. */
const KEPT_H = 24;

/** The request of an `Idempotency-Key`. */
export interface IdempotentRequest {
  subject: string;
  key: string;
  digest: Buffer;
}

/** The state of an idempotency key, under its lock. */
export type KeyState =
  { kind: 'free' } | { kind: 'in_progress' } | { kind: 'answered'; digest: Buffer; reply: SealedReply };

/** Computes the digest that identifies equal requests: method, path and body, to the byte. */
export function requestDigest(method: string, path: string, body: string): Buffer {
  return createHash('sha256').update(`${method}\n${path}\n${body}`).digest();
}

/** Builds the name of a key, which is unique for its subject. */
export function keyName({ subject, key }: Pick<IdempotentRequest, 'subject' | 'key'>): string {
  return `${subject}\n${key}`;
}

const askedKeys = rowSource<IdempotentRequest>({
  subject: ['text', ({ subject }) => subject],
  key: ['text', ({ key }) => key],
});

/**
 * Locks idempotency keys for the running transaction without waiting (draft-ietf-httpapi-idempotency-key-header).
 * @returns the state of each key, by {@link keyName}
 */
export async function lockKeys(
  tx: Transaction,
  requests: readonly IdempotentRequest[],
): Promise<Map<string, KeyState>> {
  if (requests.length === 0) return new Map();
  const distinct = [...new Map(requests.map((request) => [keyName(request), request])).values()];
  const [locks, answers] = await Promise.all([
    tx.query<{ name: string; locked: boolean }>({
      name: 'idempotency_key_lock',
      text: `SELECT name, pg_try_advisory_xact_lock(hashtextextended('idempotency' || chr(10) || name, 0)) AS locked
             FROM unnest($1::text[]) AS asked (name)`,
      values: [distinct.map(keyName)],
    }),
    // A separate statement, because its snapshot must be younger than the locks.
    tx.query<{
      subject: string;
      key: string;
      request_digest: Buffer;
      status: number;
      body: string | null;
      body_encrypted: Buffer | null;
    }>({
      name: 'idempotency_key_find',
      text: `SELECT found.* FROM (${askedKeys.sql}) AS asked CROSS JOIN LATERAL
               (SELECT k.subject, k.key, k.request_digest, k.status, k.body, k.body_encrypted FROM idempotency_key k
                WHERE k.subject = asked.subject AND k.key = asked.key OFFSET 0) AS found`,
      values: askedKeys.values(distinct),
    }),
  ]);
  const states = new Map<string, KeyState>(
    locks.rows.map(({ name, locked }) => [name, { kind: locked ? 'free' : 'in_progress' }]),
  );
  for (const {
    request_digest: digest,
    status,
    body,
    body_encrypted: bodyEncrypted,
    ...row
  } of answers.rows) {
    if (states.get(keyName(row))?.kind === 'free')
      states.set(keyName(row), { kind: 'answered', digest, reply: { status, body, bodyEncrypted } });
  }
  return states;
}

/** The answer that is kept for a request. */
export interface KeptReply {
  request: IdempotentRequest;
  reply: SealedReply;
}

const replyColumns: Columns<KeptReply> = {
  subject: ['text', ({ request }) => request.subject],
  key: ['text', ({ request }) => request.key],
  request_digest: ['bytea', ({ request }) => request.digest],
  status: ['smallint', ({ reply }) => reply.status],
  body: ['text', ({ reply }) => reply.body],
  body_encrypted: ['bytea', ({ reply }) => reply.bodyEncrypted],
};
const replyInsert = insertRows('idempotency_key_insert', 'idempotency_key', replyColumns);

/** Stores first answers with their keys, which this transaction has locked. */
export function insertReplies(tx: Transaction, replies: readonly KeptReply[]): void {
  if (replies.length > 0) tx.write(replyInsert(replies));
}

const replyRows = rowSource<KeptReply>(replyColumns);

/** Replaces first answers with the fuller ones that clients waited for. */
export async function updateReplies(pool: Pool, replies: readonly KeptReply[]): Promise<void> {
  await pool.query({
    name: 'idempotency_key_update',
    text: `UPDATE idempotency_key k SET status = sent.status, body = sent.body, body_encrypted = sent.body_encrypted
           FROM (${replyRows.sql}) AS sent CROSS JOIN LATERAL (SELECT found.ctid FROM idempotency_key found
             WHERE found.subject = sent.subject AND found.key = sent.key OFFSET 0) AS place
           WHERE k.ctid = place.ctid`,
    values: replyRows.values(replies),
  });
}

/**
 * Removes confidential fields from answers stored in the clear. The previous release still stores such answers while it
 * runs in parallel.
 * @param names of top-level fields of an answer
 */
export async function scrubReplies(pool: Pool, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await pool.query(
    `UPDATE idempotency_key SET body = (body::jsonb - $1::text[])::text
     WHERE body IS NOT NULL AND jsonb_typeof(body::jsonb) = 'object' AND body::jsonb ?| $1::text[]`,
    [names],
  );
}

const EXPIRED_REPLIES: Sweep = {
  text: `DELETE FROM idempotency_key WHERE ctid IN
           (SELECT ctid FROM idempotency_key WHERE created_at < now() - make_interval(hours => $1) LIMIT $2)`,
  values: [KEPT_H],
};
const EXPIRED_PROOFS: Sweep = {
  text: 'DELETE FROM used_proof WHERE ctid IN (SELECT ctid FROM used_proof WHERE remember_until < now() LIMIT $1)',
};

/** Deletes expired answers, and proofs that are too old to be accepted. */
export async function sweepEdge(pool: Pool, signal: AbortSignal): Promise<void> {
  await sweep(pool, EXPIRED_REPLIES, signal);
  await sweep(pool, EXPIRED_PROOFS, signal);
}

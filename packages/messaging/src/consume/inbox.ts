import { rowSource, sweep, type Pool, type Sweep, type Transaction } from '@tallystick/postgres';
import type { OpenedMessage } from '@tallystick/security';

const inboxRows = rowSource<OpenedMessage>({
  iss: ['text', ({ claims }) => claims.iss],
  jti: ['text', ({ claims }) => claims.jti],
  until_s: ['float8', ({ rememberUntilS }) => rememberUntilS],
});

/**
 * Stores messages in the inbox by (`iss`, `jti`).
 * @returns the messages that are seen for the first time, each once
 */
export async function deduplicate<Message extends { opened: OpenedMessage }>(
  tx: Transaction,
  messages: readonly Message[],
): Promise<Set<Message>> {
  const first = new Map<string, Message>();
  for (const message of messages) {
    const seen = identity(message.opened.claims);
    if (!first.has(seen)) first.set(seen, message);
  }
  if (first.size === 0) return new Set();
  // Rows in key order, so that two replicas with the same messages cannot deadlock.
  const rows = [...first].sort(([a], [b]) => compare(a, b)).map(([, { opened }]) => opened);
  const inserted = await tx.query<{ taken: string | null }>({
    name: 'inbox_take',
    // One text for all ids: a result row costs more than a part of a text. Neither id contains a line break.
    text: `WITH taken AS (
             INSERT INTO inbox (iss, jti, remember_until)
             SELECT iss, jti, to_timestamp(until_s) FROM (${inboxRows.sql}) AS sent
             ON CONFLICT DO NOTHING RETURNING iss, jti)
           SELECT string_agg(iss || E'\\n' || jti, E'\\n\\n') AS taken FROM taken`,
    values: inboxRows.values(rows),
  });
  const firstSeen = new Set(inserted.rows[0]!.taken?.split('\n\n'));
  return new Set([...first].filter(([seen]) => firstSeen.has(seen)).map(([, message]) => message));
}

/**
 * Stores messages in the inbox that were answered before, so that they are not handled again.
 * @param issuers all possible senders: an answer names its cause by `jti` alone
 * @param untilS how long the messages could still be accepted, in seconds since the epoch
 */
export function rememberTaken(
  tx: Transaction,
  issuers: readonly string[],
  jtis: readonly string[],
  untilS: number,
): void {
  if (jtis.length === 0) return;
  tx.write({
    text: `INSERT INTO inbox (iss, jti, remember_until)
           SELECT iss, jti, to_timestamp($3) FROM unnest($1::text[]) AS i (iss), unnest($2::text[]) AS j (jti)
           ON CONFLICT DO NOTHING`,
    values: [issuers, jtis, untilS],
  });
}

const EXPIRED_MESSAGES: Sweep = {
  text: 'DELETE FROM inbox WHERE ctid IN (SELECT ctid FROM inbox WHERE remember_until < now() LIMIT $1)',
};
const EXPIRED_EVIDENCE: Sweep = {
  text: `DELETE FROM used_evidence WHERE ctid IN (SELECT ctid FROM used_evidence WHERE usable_until < now() LIMIT $1)`,
};

/** Deletes messages and evidence that are too old to be accepted. */
export async function sweepInbox(pool: Pool, signal: AbortSignal): Promise<void> {
  await sweep(pool, EXPIRED_MESSAGES, signal);
  await sweep(pool, EXPIRED_EVIDENCE, signal);
}

function identity({ iss, jti }: { iss: string; jti: string }): string {
  return `${iss}\n${jti}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

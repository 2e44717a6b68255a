import { periodsOf, spendingKey, type Currency, type Spending } from '@tallystick/contracts';
import {
  findPage,
  insertRows,
  mapPage,
  rowSource,
  type ListPage,
  type ListRange,
  type Queryable,
  type Transaction,
} from '@tallystick/postgres';
import type { BlockChange } from '../app/block-cards.ts';
import type { CardSecrets } from '../app/card-store.ts';
import type { Card } from '../domain/card.ts';

interface Row {
  card_id: string;
  owner_id: string;
  account_id: string;
  currency: Currency;
  per_payment_minor: bigint;
  per_day_minor: bigint;
  per_month_minor: bigint;
  last4: string;
  expiry: string;
  status: Card['status'];
  code: Card['code'] | null;
  issued_at: Date;
  blocked_at: Date | null;
}

const COLUMNS = `card_id, owner_id, account_id, currency, per_payment_minor, per_day_minor, per_month_minor, last4, expiry,
  status, code, issued_at, blocked_at`;

const cardOf = (row: Row): Card => ({
  cardId: row.card_id,
  ownerId: row.owner_id,
  accountId: row.account_id,
  currency: row.currency,
  limits: {
    perPaymentMinor: row.per_payment_minor,
    perDayMinor: row.per_day_minor,
    perMonthMinor: row.per_month_minor,
  },
  last4: row.last4,
  expiry: row.expiry,
  status: row.status,
  code: row.code ?? undefined,
  blockedAtMs: row.blocked_at?.getTime(),
  issuedAtMs: row.issued_at.getTime(),
});

/**
 * Inserts a new card with its number, encrypted and fingerprinted.
 * @returns `false` if the number is taken; the caller draws another
 */
export async function insertCard(
  tx: Transaction,
  card: Card,
  { mandateId, number: { encrypted, fingerprint }, fingerprints }: CardSecrets,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO card (card_id, owner_id, account_id, mandate_id, currency, per_payment_minor, per_day_minor, per_month_minor,
       number_encrypted, number_fingerprint, number_fingerprint_key, last4, expiry, status, issued_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
     WHERE NOT EXISTS (SELECT FROM card WHERE number_fingerprint = ANY($16::bytea[]))
     ON CONFLICT (number_fingerprint) DO NOTHING`,
    [
      card.cardId,
      card.ownerId,
      card.accountId,
      mandateId,
      card.currency,
      card.limits.perPaymentMinor,
      card.limits.perDayMinor,
      card.limits.perMonthMinor,
      encrypted,
      fingerprint.value,
      fingerprint.keyId,
      card.last4,
      card.expiry,
      card.status,
      new Date(card.issuedAtMs),
      fingerprints,
    ],
  );
  return rowCount === 1;
}

/** Finds a page of the cards of an owner, by the time of their issue. */
export async function findCardPage(
  on: Queryable,
  ownerId: string,
  { status, accountId }: { status?: Card['status'] | undefined; accountId?: string | undefined },
  range: ListRange,
): Promise<ListPage<Card>> {
  const list = { columns: COLUMNS, from: 'card', where: 'owner_id = $1', values: [ownerId] };
  const matching = { status, account_id: accountId };
  const page = await findPage<Row>(on, { ...list, time: 'issued_at', id: 'card_id', matching }, range);
  return mapPage(page, cardOf);
}

/** Finds a card of this owner; `undefined` does not reveal whether another owner has it. */
export async function findCard(on: Queryable, ownerId: string, cardId: string): Promise<Card | undefined> {
  const { rows } = await on.query<Row>(`SELECT ${COLUMNS} FROM card WHERE owner_id = $1 AND card_id = $2`, [
    ownerId,
    cardId,
  ]);
  return rows[0] === undefined ? undefined : cardOf(rows[0]);
}

/** Finds cards by the fingerprints of their numbers, without decrypting them. Keyed by fingerprint in hex. */
export async function findByFingerprint(
  tx: Transaction,
  fingerprints: readonly Buffer[],
): Promise<Map<string, Card>> {
  if (fingerprints.length === 0) return new Map();
  const { rows } = await tx.query<Row & { number_fingerprint: Buffer }>(
    `SELECT ${COLUMNS}, number_fingerprint FROM card WHERE number_fingerprint = ANY($1::bytea[])`,
    [fingerprints],
  );
  return new Map(rows.map((row) => [row.number_fingerprint.toString('hex'), cardOf(row)]));
}

/** Locks cards in the order of their ids. */
export async function lockCards(tx: Transaction, cardIds: readonly string[]): Promise<Map<string, Card>> {
  if (cardIds.length === 0) return new Map();
  const { rows } = await tx.query<Row>({
    name: 'card_lock',
    text: `SELECT ${COLUMNS} FROM card WHERE card_id = ANY($1::text[]) ORDER BY card_id FOR NO KEY UPDATE`,
    values: [[...cardIds].sort()],
  });
  return new Map(rows.map((row) => [row.card_id, cardOf(row)]));
}

interface IssuingOutcome {
  mandateId: string;
  code: string | undefined;
}

const issuingOutcomes = rowSource<IssuingOutcome>({
  mandate_id: ['text', ({ mandateId }) => mandateId],
  code: ['text', ({ code }) => code],
});

/** Sets issued cards to active, or to refused with the reason. @returns the changed cards */
export async function endIssuing(
  tx: Transaction,
  outcomes: readonly IssuingOutcome[],
): Promise<{ mandateId: string; cardId: string }[]> {
  if (outcomes.length === 0) return [];
  const { rows } = await tx.query<{ mandateId: string; cardId: string }>(
    `UPDATE card c SET status = CASE WHEN s.code IS NULL THEN 'active' ELSE 'refused' END, code = s.code
     FROM (${issuingOutcomes.sql}) AS s
     WHERE c.mandate_id = s.mandate_id AND c.status = 'issued'
     RETURNING c.mandate_id AS "mandateId", c.card_id AS "cardId"`,
    issuingOutcomes.values(outcomes),
  );
  return rows;
}

const blockChanges = rowSource<BlockChange>({
  card_id: ['text', ({ cardId }) => cardId],
  is_blocked: ['boolean', ({ isBlocked }) => isBlocked],
  changed_at: ['timestamptz', ({ atMs }) => new Date(atMs)],
});

/**
 * Blocks and unblocks cards. A blocked card keeps the time since when it is.
 * @param changes at most one for a card
 * @returns since when each of the cards is blocked, by id; no entry for an unknown card
 */
export async function setBlocked(
  tx: Transaction,
  changes: readonly BlockChange[],
): Promise<Map<string, Date | undefined>> {
  if (changes.length === 0) return new Map();
  const { rows } = await tx.query<{ card_id: string; blocked_at: Date | null }>(
    `UPDATE card c SET blocked_at = CASE WHEN s.is_blocked THEN coalesce(c.blocked_at, s.changed_at) END
     FROM (${blockChanges.sql}) AS s WHERE c.card_id = s.card_id RETURNING c.card_id, c.blocked_at`,
    blockChanges.values(changes),
  );
  return new Map(rows.map((row) => [row.card_id, row.blocked_at ?? undefined]));
}

export async function findSpending(
  tx: Transaction,
  cardIds: readonly string[],
  nowMs: number,
): Promise<Spending> {
  if (cardIds.length === 0) return new Map();
  const { day, month } = periodsOf(nowMs);
  const { rows } = await tx.query<{ card_id: string; period: string; used_minor: bigint }>({
    name: 'card_usage_find',
    text: 'SELECT card_id, period, used_minor FROM card_usage WHERE card_id = ANY($1::text[]) AND period IN ($2, $3)',
    values: [cardIds, day, month],
  });
  return new Map(rows.map(({ card_id, period, used_minor }) => [spendingKey(card_id, period), used_minor]));
}

const usageAdd = insertRows<{ cardId: string; period: string; amount: bigint }>(
  'card_usage_add',
  'card_usage',
  {
    card_id: ['text', ({ cardId }) => cardId],
    period: ['text', ({ period }) => period],
    used_minor: ['bigint', ({ amount }) => amount],
  },
  {
    orElse: `ON CONFLICT (card_id, period) DO UPDATE SET used_minor = card_usage.used_minor + excluded.used_minor`,
  },
);

/** Adds amounts to the spending of cards, keyed by {@link spendingKey}; a negative amount releases spending. */
export function addSpending(tx: Transaction, added: Spending): void {
  const rows = [...added]
    .filter(([, amount]) => amount !== 0n)
    // All replicas use the same order, which prevents deadlocks.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, amount]) => ({ cardId: key.split(' ')[0]!, period: key.split(' ')[1]!, amount }));
  if (rows.length === 0) return;
  tx.write(usageAdd(rows));
}

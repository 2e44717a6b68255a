import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId, periodsOf, spendingKey, type Spending } from '@tallystick/contracts';
import { transaction, type Transaction } from '@tallystick/postgres';
import { decryptField, fingerprint } from '@tallystick/security';

import type { Card } from '../src/domain/card.ts';
import { cardStore } from '../src/store/card-store.ts';
import { addSpending, findSpending } from '../src/store/cards.ts';
import { NUMBER_PURPOSE, vaultNumber } from '../src/vault.ts';
import { startCardWorld, type CardWorld, type IssuedCard } from './card-world.ts';

let world: CardWorld;
let card: IssuedCard;
beforeAll(async () => {
  world = await startCardWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  card = await world.issue();
});

const inTransaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => transaction(world.pool, work);

describe('the number of a card', () => {
  test('is stored encrypted and bound to its row', async () => {
    const { rows } = await world.pool.query<{ number_encrypted: Buffer; kept: string }>(
      'SELECT number_encrypted, card::text AS kept FROM card WHERE card_id = $1',
      [card.cardId],
    );
    const { number_encrypted: encrypted, kept } = rows[0]!;
    const place = { table: 'card', column: 'number_encrypted', rowId: card.cardId };
    const { encryption } = await inTransaction((tx) => world.fieldKeys.read(tx));
    expect(decryptField(encryption, encrypted, place)).toBe(card.number);
    expect(() => decryptField(encryption, encrypted, { ...place, rowId: newId('crd') })).toThrow();
    expect(kept).not.toContain(card.number);
  });

  test('finds only its card by the fingerprint', async () => {
    const other = await world.issue();
    const keys = (await inTransaction((tx) => world.fieldKeys.read(tx))).fingerprint;
    const print = fingerprint(keys, NUMBER_PURPOSE, card.number).value;
    const unknown = fingerprint(keys, NUMBER_PURPOSE, '4111111111111111').value;
    const found = await inTransaction((tx) => cardStore(tx).findByFingerprint([print, unknown]));
    expect([...found].map(([key, { cardId }]) => [key, cardId])).toEqual([
      [print.toString('hex'), card.cardId],
    ]);
    expect(other.cardId).not.toBe(card.cardId);
  });

  test('belongs to one card: a second card with it is not inserted', async () => {
    const twin: Card = {
      cardId: newId('crd'),
      ownerId: card.ownerId,
      accountId: card.accountId,
      currency: 'EUR',
      limits: { perPaymentMinor: 1n, perDayMinor: 1n, perMonthMinor: 1n },
      last4: card.number.slice(-4),
      expiry: '2030-01',
      status: 'issued',
      code: undefined,
      blockedAtMs: undefined,
      issuedAtMs: Date.now(),
    };
    const keys = await inTransaction((tx) => world.fieldKeys.read(tx));
    const number = vaultNumber(card.number, twin.cardId, keys);
    const secrets = { mandateId: newId('mdt'), number, fingerprints: [] };
    expect(await inTransaction((tx) => cardStore(tx).insertCard(twin, secrets))).toBe(false);
    const { rows } = await world.pool.query('SELECT 1 FROM card WHERE card_id = $1', [twin.cardId]);
    expect(rows).toEqual([]);
  });
});

describe('the spending of a card', () => {
  const atMs = Date.UTC(2026, 10, 24, 12);
  const { day, month } = periodsOf(atMs);

  test('is summed by period, and read for the given day and month', async () => {
    const add = (amounts: Record<string, bigint>): Promise<void> =>
      inTransaction(async (tx) => {
        const spending: Spending = new Map();
        for (const [period, amount] of Object.entries(amounts))
          spending.set(spendingKey(card.cardId, period), amount);
        addSpending(tx, spending);
      });
    await add({ [day]: 30n, [month]: 30n, '2026-11-23': 7n });
    await add({ [day]: 12n, [month]: -10n });
    const found = await inTransaction((tx) => findSpending(tx, [card.cardId], atMs));
    expect(found).toEqual(
      new Map([
        [spendingKey(card.cardId, day), 42n],
        [spendingKey(card.cardId, month), 20n],
      ]),
    );
    expect(await world.spentBy(card)).toMatchObject({ '2026-11-23': 7n });
  });

  test('is separate from that of another card', async () => {
    const other = await world.issue();
    await inTransaction(async (tx) => addSpending(tx, new Map([[spendingKey(other.cardId, day), 5n]])));
    expect(await inTransaction((tx) => findSpending(tx, [card.cardId], atMs))).toEqual(new Map());
  });
});

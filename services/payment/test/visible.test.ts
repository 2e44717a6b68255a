import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, newJti } from '@tallystick/contracts';
import { messagingMigrations } from '@tallystick/messaging';
import { transaction } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';

import { newPayment, type Initiator } from '../src/domain/payment.ts';
import {
  findPayees,
  findVisible,
  findVisiblePayment,
  insertPayments,
  insertAccountOwners,
  type PaymentView,
} from '../src/store/payments.ts';
import { paymentSchema } from '../src/store/schema.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase(messagingMigrations, paymentSchema);
});
afterAll(() => database.close());

const [annsAccount, bensAccount] = [newId('acc'), newId('acc')];

/** A payment from Ann's account to Ben's. */
const paymentBy = (initiator: Initiator) =>
  newPayment(
    {
      paymentId: newId('pay'),
      initiator,
      source: { kind: 'account', accountId: annsAccount },
      payee: { kind: 'account', accountId: bensAccount },
      amountMinor: 100n,
      currency: 'EUR',
      capture: 'automatic',
      endToEndId: newId('pay'),
    },
    newJti(),
    Date.now(),
  );

describe('a batch of requests on payments', () => {
  test('shows each customer only the payments of their own accounts and orders', async () => {
    const [byShop, byCarl] = [
      paymentBy({ kind: 'producer', id: 'shop' }),
      paymentBy({ kind: 'subject', id: 'carl' }),
    ];
    await transaction(database.pool, async (tx) => {
      insertPayments(tx, [byShop, byCarl]);
      insertAccountOwners(tx, [
        { accountId: annsAccount, ownerId: 'ann' },
        { accountId: bensAccount, ownerId: 'ben' },
      ]);
    });
    const views: PaymentView[] = ['ann', 'ben', 'carl', 'shop', 'eve'].flatMap((subject) =>
      [byShop, byCarl, { paymentId: newId('pay') }].map(({ paymentId }) => ({ subject, paymentId })),
    );
    const described = (names: Set<string>): string[] =>
      [...names]
        .map((name) => name.replace(byShop.paymentId, 'by shop').replace(byCarl.paymentId, 'by carl'))
        .map((name) => name.replace('\n', ' sees the one '))
        .toSorted();
    const { visible, payees } = await transaction(database.pool, async (tx) => ({
      visible: await findVisible(tx, views),
      payees: await findPayees(tx, views),
    }));
    expect(described(visible)).toEqual([
      'ann sees the one by carl',
      'ann sees the one by shop',
      'ben sees the one by carl',
      'ben sees the one by shop',
      'carl sees the one by carl',
    ]);
    expect(described(payees)).toEqual(['ben sees the one by carl', 'ben sees the one by shop']);
    for (const { subject, paymentId } of views) {
      const shown = await findVisiblePayment(database.pool, subject, paymentId);
      expect(shown !== undefined).toBe(visible.has(`${subject}\n${paymentId}`));
    }
  });
});

import { auditMigrations } from '@tallystick/audit';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@tallystick/contracts';
import { messagingMigrations } from '@tallystick/messaging';
import { createPool, transaction, type Pool, type Transaction } from '@tallystick/postgres';
import { openTestDatabase, workOf, type TestDatabase } from '@tallystick/postgres/testing';
import type { Mandate } from '../src/domain/mandate.ts';
import { accountStore } from '../src/store/accounts.ts';
import { findMandatesWithUsage, mandateStore } from '../src/store/mandates.ts';
import { accountSchema } from '../src/store/schema.ts';

const grantee = { kind: 'producer', id: 'acme' } as const;
const mandates = Array.from({ length: 300 }, (): Mandate => ({
  mandateId: newId('mdt'),
  accountId: newId('acc'),
  ownerId: newId('usr'),
  grantee,
  currency: 'EUR',
  limits: { perPaymentMinor: 500n, perDayMinor: 900n, perMonthMinor: 1_500n },
  status: 'active',
  grantedAtMs: 0,
}));
const [first] = mandates;

let database: TestDatabase;
/** As the service opens it: each statement is planned once, before the tables have statistics. */
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase(messagingMigrations, auditMigrations, accountSchema);
  pool = createPool({ url: database.url, applicationName: 'test', planner: 'nested-loops' });
  await transaction(pool, async (tx) => {
    for (const one of mandates) {
      const { accountId, ownerId, currency } = one;
      const opened = { accountId, ownerId, kind: 'customer', currency, openedAt: new Date(0) } as const;
      await accountStore(tx).insert([opened]);
      await mandateStore(tx).insert(one);
    }
  });
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

describe('the mandate of a payment', () => {
  test('is found without reading the mandates of the same party on other accounts', async () => {
    let found: Mandate[] = [];
    const { rowsRead } = await workOf(pool, async (on) => {
      const asked = [{ accountId: first!.accountId, grantee }];
      found = (await findMandatesWithUsage(on as Transaction, asked, 0)).mandates;
    });
    expect(found).toEqual([first]);
    expect(rowsRead).toBe(1);
  });

  test('is that of its grantee alone', async () => {
    const other = { ...first!, mandateId: newId('mdt'), grantee: { kind: 'card', id: 'acme' } } as Mandate;
    await transaction(pool, (tx) => mandateStore(tx).insert(other));
    const asked = [grantee, other.grantee, { kind: 'producer', id: 'acm' } as const].map((one) => ({
      accountId: first!.accountId,
      grantee: one,
    }));
    const { mandates: found } = await transaction(pool, (tx) => findMandatesWithUsage(tx, asked, 0));
    expect(new Set(found.map(({ mandateId }) => mandateId))).toEqual(
      new Set([first!.mandateId, other.mandateId]),
    );
  });
});

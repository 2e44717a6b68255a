import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messages, newId } from '@tallystick/contracts';
import { messagingMigrations, type Send } from '@tallystick/messaging';
import { transaction } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';

import { rejectExpiredMandates } from '../src/app/grant-mandates.ts';
import { accountStore } from '../src/store/accounts.ts';
import { mandateStore } from '../src/store/mandates.ts';
import { accountSchema } from '../src/store/schema.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase(messagingMigrations, accountSchema);
});
afterAll(() => database.close());

test('rejects an expired command for a mandate, unless an earlier copy was granted', async () => {
  const [accountId, ownerId] = [newId('acc'), newId('usr')];
  const grantOf = () => ({
    mandateId: newId('mdt'),
    accountId,
    grantee: { kind: 'card', id: newId('crd') } as const,
    currency: 'EUR' as const,
    limits: { perPaymentMinor: 1n, perDayMinor: 1n, perMonthMinor: 1n },
  });
  const [granted, lost] = [grantOf(), grantOf()];
  const sent: unknown[] = [];
  const send: Send = (definition, data) => void sent.push([definition.type, data]);
  await transaction(database.pool, async (tx) => {
    const openedAt = new Date();
    await accountStore(tx).insert([{ accountId, ownerId, kind: 'customer', currency: 'EUR', openedAt }]);
    const store = mandateStore(tx);
    await store.insert({ ...granted, ownerId, status: 'active', grantedAtMs: openedAt.getTime() });
    const asked = [granted, lost].map((grant) => ({ grant, options: { cause: 'jti' } }));
    await rejectExpiredMandates(store, send, asked);
  });
  const { mandateId, grantee } = lost;
  expect(sent).toEqual([
    [messages.mandateRejected.type, { mandateId, accountId, grantee, code: 'envelope.expired' }],
  ]);
});

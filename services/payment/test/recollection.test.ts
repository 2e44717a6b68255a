import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messages, newId, newJti } from '@tallystick/contracts';
import { messagingMigrations } from '@tallystick/messaging';
import { createDatabase, createPool, migrate, transaction, type Pool } from '@tallystick/postgres';
import { importSigningKey, seal, type OpenedMessage } from '@tallystick/security';

import { recollection } from '../src/messages/recollection.ts';

const adminUrl = process.env['TEST_POSTGRES_URL'];
if (adminUrl === undefined) throw new Error('TEST_POSTGRES_URL is not set; run the tests by `npm test`');

let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase(adminUrl);
  pool = createPool({ url: database.url, applicationName: 'test' });
  const own = { scope: 'payment', directory: new URL('../src/store/migrations/', import.meta.url) };
  await migrate(pool, messagingMigrations, own);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('a payment is recalled whose producer nobody trusts any more', async () => {
  const signingKey = await importSigningKey(
    generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as never,
  );
  const facts = { payeeAccountId: newId('acc'), amountMinor: 1_250n, currency: 'EUR' as const };
  const [paymentId, debitAccountId] = [newId('pay'), newId('acc')];
  const order = await seal(
    messages.paymentCreate,
    {
      ...facts,
      paymentId,
      source: { kind: 'account', accountId: debitAccountId },
      capture: 'automatic',
      endToEndId: 'INVOICE-1',
    },
    { issuer: 'acme', signingKey, topic: messages.paymentCreate.topic, nowMs: Date.now() },
  );
  const nowS = Math.floor(Date.now() / 1_000);
  const command: OpenedMessage = {
    definition: messages.transferCreate,
    data: {
      ...facts,
      paymentId,
      debitAccountId,
      creditAccountId: facts.payeeAccountId,
      transferId: newId('trf'),
      refund: false,
      evidence: { kind: 'order', envelope: order.value },
    },
    claims: { iss: 'payment', jti: newJti(), iat: nowS, txn: newJti() } as OpenedMessage['claims'],
    kid: '',
    rememberUntilS: nowS,
    jws: '',
  };
  await transaction(pool, (tx) => recollection(Date.now).recall([command], tx));
  const { rows } = await pool.query(
    'SELECT payment_id, initiator_kind, initiator_id, amount_minor FROM payment',
  );
  expect(rows).toEqual([
    { payment_id: paymentId, initiator_kind: 'producer', initiator_id: 'acme', amount_minor: 1_250n },
  ]);
});

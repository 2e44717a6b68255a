import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messages, newId, newJti } from '@tallystick/contracts';
import { messagingMigrations } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { importSigningKey, seal, type OpenedMessage } from '@tallystick/security';

import { recollection } from '../src/messages/recollection.ts';
import { paymentSchema } from '../src/store/schema.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase(messagingMigrations, paymentSchema);
  ({ pool } = database);
});
afterAll(() => database.close());

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

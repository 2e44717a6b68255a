import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messages, newId, newJti, type MessageDefinition } from '@tallystick/contracts';
import { messagingMigrations } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { importSigningKey, seal, type OpenedMessage } from '@tallystick/security';

import { replay } from '../src/messages/replay.ts';
import { paymentSchema } from '../src/store/schema.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase(messagingMigrations, paymentSchema);
  ({ pool } = database);
});
afterAll(() => database.close());

test.each([1, 2])(
  'a payment ordered in version %i is replayed, though its producer is no longer trusted',
  async (version) => {
    const signingKey = await importSigningKey(
      generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as never,
    );
    const facts = { amountMinor: 1_250n, currency: 'EUR' as const };
    const payeeAccountId = newId('acc');
    const [paymentId, debitAccountId] = [newId('pay'), newId('acc')];
    const order = await seal(
      messages.paymentCreate as MessageDefinition,
      {
        ...facts,
        ...(version === 1 ? { payeeAccountId } : { payee: { kind: 'account', accountId: payeeAccountId } }),
        paymentId,
        source: { kind: 'account', accountId: debitAccountId },
        capture: 'automatic',
        endToEndId: 'INVOICE-1',
      },
      { issuer: 'acme', signingKey, topic: messages.paymentCreate.topic, nowMs: Date.now(), version },
    );
    const nowS = Math.floor(Date.now() / 1_000);
    const command: OpenedMessage = {
      definition: messages.transferCreate,
      data: {
        ...facts,
        paymentId,
        debitAccountId,
        creditAccountId: payeeAccountId,
        transferId: newId('trf'),
        refund: false,
        evidence: { kind: 'order', envelope: order.value },
      },
      claims: { iss: 'payment', jti: newJti(), iat: nowS, txn: newJti() } as OpenedMessage['claims'],
      kid: '',
      rememberUntilS: nowS,
      jws: '',
    };
    await transaction(pool, (tx) => replay(Date.now).recall([command], tx));
    const { rows } = await pool.query(
      'SELECT initiator_kind, initiator_id, payee_account_id, amount_minor FROM payment WHERE payment_id = $1',
      [paymentId],
    );
    expect(rows).toEqual([
      {
        initiator_kind: 'producer',
        initiator_id: 'acme',
        payee_account_id: payeeAccountId,
        amount_minor: 1_250n,
      },
    ]);
  },
);

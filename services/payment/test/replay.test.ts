import { auditMigrations } from '@tallystick/audit';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  messages,
  newId,
  newJti,
  operations,
  refundIdOf,
  transferIdOf,
  type DataOf,
  type Evidence,
  type MessageDefinition,
} from '@tallystick/contracts';
import { messagingMigrations } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { importSigningKey, seal, type OpenedMessage, type SigningKey } from '@tallystick/security';

import { namesOf, type PaymentStep } from '../src/app/payment-step.ts';
import { takeSteps } from '../src/app/take-steps.ts';
import { replay } from '../src/messages/replay.ts';
import { findShownPayments } from '../src/store/shown-payments.ts';
import { paymentStore } from '../src/store/payment-store.ts';
import { paymentSchema } from '../src/store/schema.ts';

let database: TestDatabase;
let pool: Pool;
let signingKey: SigningKey;
beforeAll(async () => {
  database = await openTestDatabase(messagingMigrations, auditMigrations, paymentSchema);
  ({ pool } = database);
  signingKey = await importSigningKey(
    generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as never,
  );
});
afterAll(() => database.close());

const [payer, payee] = [newId('acc'), newId('acc')];
const facts = { amountMinor: 1_250n, currency: 'EUR' as const };

/** A published message of this service that its database lacks. */
function published<Definition extends MessageDefinition>(
  definition: Definition,
  data: DataOf<Definition>,
): OpenedMessage {
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { iss: 'payment', jti: newJti(), iat, txn: newJti() } as OpenedMessage['claims'];
  return { definition, data, claims, kid: '', rememberUntilS: iat, jws: '' };
}

/** Signs the order of a third party as evidence. */
async function orderOf(
  paymentId: string,
  capture: 'automatic' | 'manual',
  version: number,
): Promise<Evidence> {
  const order = await seal(
    messages.paymentCreate as MessageDefinition,
    {
      ...facts,
      ...(version === 1
        ? { payeeAccountId: payee }
        : { payee: { kind: 'account', accountId: payee }, capturedBy: 'initiator' }),
      paymentId,
      source: { kind: 'account', accountId: payer },
      capture,
      endToEndId: newJti().slice(1),
    },
    { issuer: 'acme', signingKey, topic: messages.paymentCreate.topic, nowMs: Date.now(), version },
  );
  return { kind: 'order', envelope: order.value };
}

async function replayed(...own: OpenedMessage[]): Promise<void> {
  await transaction(pool, (tx) => replay(Date.now).apply(own, tx));
}

/** Takes steps as one batch. */
async function take(...steps: PaymentStep[]) {
  const sent: string[] = [];
  await transaction(pool, async (tx) => {
    const store = paymentStore(tx);
    const state = await store.load(namesOf(steps));
    takeSteps(store, ({ type }) => void sent.push(type), state, steps, Date.now());
  });
  return sent;
}

async function stored(paymentId: string): Promise<unknown> {
  const { rows } = await pool.query(
    `SELECT initiator_kind, initiator_id, payee_account_id, amount_minor, status, capturing_minor, refunding_minor
     FROM payment WHERE payment_id = $1`,
    [paymentId],
  );
  return rows[0];
}

test.each([1, 2])(
  'replays a payment ordered in version %i even if its third party is no longer trusted',
  async (version) => {
    const paymentId = newId('pay');
    const evidence = await orderOf(paymentId, 'automatic', version);
    const movement = { ...facts, paymentId, debitAccountId: payer, creditAccountId: payee };
    await replayed(
      published(messages.transferCreate, { ...movement, transferId: newId('trf'), refund: false, evidence }),
    );
    expect(await stored(paymentId)).toMatchObject({
      initiator_kind: 'producer',
      initiator_id: 'acme',
      payee_account_id: payee,
      amount_minor: 1_250n,
      status: 'requested',
    });
  },
);

test('replays requested captures and refunds, so that their repeated orders are not refused', async () => {
  const [paymentId, holdId, captureId, refundId] = [newId('pay'), newId('hld'), newId('cap'), newId('rfd')];
  const evidence = await orderOf(paymentId, 'manual', 2);
  const movement = { ...facts, paymentId, debitAccountId: payer, creditAccountId: payee };
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const own = [
    published(messages.holdPlace, { ...movement, holdId, expiresAt, evidence }),
    published(messages.holdPost, {
      holdId,
      debitAccountId: payer,
      paymentId,
      transferId: transferIdOf(paymentId, captureId),
      amountMinor: 1_000n,
      final: false,
    }),
    published(messages.transferCreate, {
      ...movement,
      debitAccountId: payee,
      creditAccountId: payer,
      amountMinor: 200n,
      transferId: transferIdOf(paymentId, refundId),
      refund: true,
      evidence,
    }),
  ];
  await transaction(pool, async (tx) =>
    paymentStore(tx).saveMandates([
      { mandateId: newId('mdt'), accountId: payee, producerId: 'acme', endsAtMs: undefined },
    ]),
  );
  await replayed(...own);
  // Twice: another replica may have replayed too.
  await replayed(...own);
  expect(await stored(paymentId)).toMatchObject({
    status: 'authorized',
    capturing_minor: 1_000n,
    refunding_minor: 200n,
  });
  const again = {
    by: { kind: 'producer', id: 'acme' },
    commandJti: newJti(),
    options: {},
    paymentId,
    evidence,
  } as const;
  const sent = await take(
    { ...again, kind: 'capture', order: { captureId, amountMinor: 1_000n, final: false } },
    { ...again, kind: 'refund', order: { refundId, amountMinor: 200n } },
  );
  expect(sent).toEqual([]);
});

test('replays captures and refunds under the ids in their evidence, and under ids of their own if it names others', async () => {
  const paymentId = newId('pay');
  const [named, forged] = [newId('cap'), newId('cap')];
  const requestOf = (operation: { id: string }, body: object): Evidence => ({
    kind: 'request',
    operation: operation.id,
    accessToken: 'a.b.c',
    proof: 'a.b.c',
    body: JSON.stringify(body),
  });
  const posting = { holdId: newId('hld'), debitAccountId: payer, paymentId, final: false };
  const forgedId = newId('trf');
  await replayed(
    published(messages.holdPlace, {
      ...facts,
      paymentId,
      holdId: posting.holdId,
      debitAccountId: payer,
      creditAccountId: payee,
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      evidence: await orderOf(paymentId, 'manual', 2),
    }),
    published(messages.holdPost, {
      ...posting,
      transferId: transferIdOf(paymentId, named),
      amountMinor: 500n,
      evidence: requestOf(operations.capturePayment, { captureId: named, amountMinor: 500 }),
    }),
    published(messages.holdPost, {
      ...posting,
      transferId: forgedId,
      amountMinor: 400n,
      evidence: requestOf(operations.capturePayment, { captureId: forged, amountMinor: 400 }),
    }),
    published(messages.transferCreate, {
      ...facts,
      paymentId,
      debitAccountId: payee,
      creditAccountId: payer,
      amountMinor: 300n,
      transferId: transferIdOf(paymentId, refundIdOf(paymentId, { amountMinor: 300n })),
      refund: true,
      evidence: requestOf(operations.refundPayment, { amountMinor: 300 }),
    }),
  );
  const { movements } = (await findShownPayments(pool, [paymentId])).get(paymentId)!;
  expect(new Map(movements.map(({ amountMinor, operationId }) => [amountMinor, operationId]))).toEqual(
    new Map([
      [500n, named],
      [400n, `cap${forgedId.slice(3)}`],
      [300n, refundIdOf(paymentId, { amountMinor: 300n })],
    ]),
  );
});

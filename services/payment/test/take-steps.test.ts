import { auditMigrations } from '@tallystick/audit';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CodedError, messages, newId, newJti, type Evidence, type Unrecognized } from '@tallystick/contracts';
import { messagingMigrations } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';

import type { Initiator, Payment } from '../src/domain/payment.ts';
import { namesOf, type PaymentStep } from '../src/app/payment-step.ts';
import { rejectExpired, takeSteps } from '../src/app/take-steps.ts';
import { paymentStore } from '../src/store/payment-store.ts';
import { findPayments } from '../src/store/payments.ts';
import { paymentSchema } from '../src/store/schema.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase(messagingMigrations, auditMigrations, paymentSchema);
  ({ pool } = database);
});
afterAll(() => database.close());

const acme: Initiator = { kind: 'producer', id: 'acme' };
const order: Evidence = { kind: 'order', envelope: 'a.b.c' };

function create(
  paymentId: string,
  changes: Partial<(PaymentStep & { kind: 'create' })['order']> = {},
): PaymentStep & { kind: 'create' } {
  return {
    kind: 'create',
    paymentId,
    order: {
      initiator: acme,
      source: { kind: 'account', accountId: newId('acc') },
      payee: { kind: 'account', accountId: newId('acc') },
      amountMinor: 100n,
      currency: 'EUR',
      capture: 'manual',
      capturedBy: 'initiator',
      endToEndId: newId('pay'),
      ...changes,
    },
    evidence: order,
    txn: newJti(),
    commandJti: newJti(),
    options: {},
  };
}

const authorized = (paymentId: string): PaymentStep => ({
  kind: 'authorized',
  paymentId,
  holdId: newId('hld'),
  debitAccountId: newId('acc'),
  options: {},
});

const capture = (
  paymentId: string,
  captureId: string,
  amountMinor: bigint,
  by: Initiator = acme,
): PaymentStep => ({
  kind: 'capture',
  paymentId,
  order: { captureId, amountMinor, final: false },
  by,
  evidence: order,
  commandJti: newJti(),
  options: {},
});

/** Takes steps as one batch. */
async function take(steps: readonly PaymentStep[]) {
  const sent: { type: string; data: unknown }[] = [];
  const results = await transaction(pool, async (tx) => {
    const store = paymentStore(tx);
    const state = await store.load(namesOf(steps));
    return takeSteps(store, ({ type }, data) => void sent.push({ type, data }), state, steps, Date.now());
  });
  const rejected = sent.filter(({ type }) => type === messages.paymentCommandRejected.type);
  return { outcomes: results.map(outcomeOf), sent, rejected };
}

/** Rejects expired steps. @returns the data of the sent rejections */
async function rejectionsOf(steps: readonly PaymentStep[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  await transaction(pool, async (tx) => {
    const state = await paymentStore(tx).load(namesOf(steps));
    rejectExpired(({ type }, data) => void answers.push({ type, data }), state, steps);
  });
  return answers.map((answer) => {
    const { type, data } = answer as { type: string; data: unknown };
    expect(type).toBe(messages.paymentCommandRejected.type);
    return data;
  });
}

function outcomeOf(result: Payment | CodedError | undefined): string | undefined {
  return result instanceof CodedError ? result.code : result?.status;
}

describe('an expired order', () => {
  test('is rejected if it orders a payment', async () => {
    const late = create(newId('pay'));
    expect(await rejectionsOf([late])).toEqual([
      {
        paymentId: late.paymentId,
        command: 'payment.create',
        commandJti: late.commandJti,
        code: 'envelope.expired',
        detail: undefined,
      },
    ]);
  });

  test('is not rejected if an earlier copy was accepted', async () => {
    const late = create(newId('pay'));
    await take([late]);
    expect(await rejectionsOf([late])).toEqual([]);
  });

  test('is not rejected if it commands a payment: a restored database may lack its effect', async () => {
    const paymentId = newId('pay');
    await take([create(paymentId), authorized(paymentId)]);
    const asked = { by: acme, evidence: order, commandJti: newJti(), options: {} };
    const cancel: PaymentStep = { kind: 'cancel', paymentId, ...asked };
    expect(await rejectionsOf([capture(paymentId, newId('cap'), 1n), cancel])).toEqual([]);
  });
});

describe('a reason code of a later release', () => {
  test('is published in the event and stored with the payment', async () => {
    const paymentId = newId('pay');
    const code = 'ledger.invented_later' as Unrecognized;
    const { sent } = await take([create(paymentId), { kind: 'declined', paymentId, code, options: {} }]);
    expect(sent.at(-1)).toMatchObject({ type: 'payment.failed', data: { paymentId, code } });
    const [stored] = await findPayments(pool, [paymentId]);
    expect(stored).toMatchObject({ status: 'failed', code });
  });
});

describe('a refused order uses up none of its ids for later orders in the same batch', () => {
  test('accepts a capture under the id of a refused one above the amount', async () => {
    const [paymentId, captureId] = [newId('pay'), newId('cap')];
    const { outcomes } = await take([
      create(paymentId),
      authorized(paymentId),
      capture(paymentId, captureId, 101n),
      capture(paymentId, captureId, 80n),
      capture(paymentId, captureId, 20n),
    ]);
    expect(outcomes.slice(2)).toEqual([
      'payment.amount_exceeded',
      'authorized',
      // Under the id of a capture of another amount.
      'payment.state_conflict',
    ]);
  });

  test('accepts a capture under the id of a refused one by another third party', async () => {
    const [paymentId, captureId] = [newId('pay'), newId('cap')];
    const { outcomes } = await take([
      create(paymentId),
      authorized(paymentId),
      capture(paymentId, captureId, 100n, { kind: 'producer', id: 'globex' }),
      capture(paymentId, captureId, 100n),
    ]);
    expect(outcomes.slice(2)).toEqual(['payment.not_found', 'authorized']);
  });

  test('rejects each order by card without a request of its holder, and each order about such a payment', async () => {
    const paymentId = newId('pay');
    const fromCard = () =>
      create(paymentId, { source: { kind: 'card', cardId: newId('crd') }, endToEndId: 'INVOICE-7' });
    const { outcomes, rejected } = await take([
      fromCard(),
      fromCard(),
      capture(paymentId, newId('cap'), 1n),
      create(newId('pay'), { endToEndId: 'INVOICE-7' }),
    ]);
    expect(outcomes).toEqual([
      'evidence.kind_refused',
      'evidence.kind_refused',
      'payment.not_found',
      'requested',
    ]);
    expect(rejected).toHaveLength(3);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { messages, newId, operations, type MessageDefinition } from '@tallystick/contracts';
import type { Customer } from '@tallystick/http/testing';
import { noteSent, type SentMessage } from '@tallystick/messaging/testing';
import { transaction } from '@tallystick/postgres';

import { askForOutcomes, type Unanswered } from '../src/app/ask-for-outcomes.ts';
import { DEADLINE_MS, sweeps } from '../src/app/sweeps.ts';
import { HOLD_LIFETIME_MS } from '../src/domain/begin.ts';
import { FOUND_MAX, unansweredStore } from '../src/store/unanswered.ts';
import { orderOf, startPaymentWorld, type OwnedAccount, type PaymentWorld } from './payment-world.ts';

const { createPayment, capturePayment, refundPayment, getPayment } = operations;
const [ann, ben] = [newId('usr'), newId('usr')];
const timedOut = { code: 'payment.timed_out' };
/** What a test needs at most, also on a busy machine, from an order to its next step. */
const SINCE_ORDER_MS_MAX = 10_000;

let world: PaymentWorld;
let [byAnn, byBen] = [] as unknown as [Customer, Customer];
let anns: OwnedAccount;
let bens: OwnedAccount;
beforeAll(async () => {
  world = await startPaymentWorld();
  [byAnn, byBen] = [world.by(ann), world.by(ben)];
  [anns, bens] = [await world.account(ann), await world.account(ben)];
});
afterAll(() => world.stop());
beforeEach(async () => {
  world.sent.splice(0);
  await world.pool.query('TRUNCATE payment, movement, status_sweep');
});

/** Asks as a replica does at this age of the payments that the test makes. @returns the messages and the reports */
async function askAfter(ageMs: number): Promise<{ sent: SentMessage[]; reported: Unanswered[] }> {
  const sent: SentMessage[] = [];
  const reported: Unanswered[] = [];
  await transaction(world.pool, (tx) =>
    askForOutcomes(
      unansweredStore(tx),
      noteSent(sent),
      sweeps,
      (one) => reported.push(one),
      Date.now() + ageMs,
    ),
  );
  world.sent.push(...sent);
  return { sent, reported };
}

const order = async (changes: object): Promise<string> =>
  String((await byAnn(createPayment, { body: orderOf(anns, bens, changes) })).body['paymentId']);
const show = async (paymentId: string): Promise<Record<string, unknown>> =>
  (await byAnn(getPayment, { params: { paymentId } })).body;

describe('a payment without an answer at its deadline', () => {
  test.each<[string, object, MessageDefinition, MessageDefinition]>([
    ['by hold', { capture: 'manual' }, messages.holdRequestStatus, messages.holdRejected],
    ['at once', { capture: 'automatic' }, messages.transferRequestStatus, messages.transferRejected],
    [
      'by card',
      { source: { kind: 'card', cardId: newId('crd') } },
      messages.authorizationRequestStatus,
      messages.authorizationDeclined,
    ],
  ])(
    '%s is asked for, and fails with a code if it was not carried out',
    async (_how, changes, asked, answer) => {
      const paymentId = await order(changes);
      expect((await askAfter(DEADLINE_MS - SINCE_ORDER_MS_MAX)).sent).toEqual([]);
      expect((await askAfter(DEADLINE_MS)).sent).toMatchObject([{ type: asked.type, data: { paymentId } }]);
      await world.answer(asked, answer, { ...timedOut, responseCode: '68' });
      expect(await show(paymentId)).toMatchObject({ status: 'failed', ...timedOut });
    },
  );

  test('goes on if it was carried out and only the answer was lost', async () => {
    const paymentId = await order({ capture: 'manual' });
    await askAfter(DEADLINE_MS);
    await world.answer(messages.holdRequestStatus, messages.holdPlaced, {
      expiresAt: new Date().toISOString(),
    });
    expect(await show(paymentId)).toMatchObject({ status: 'authorized' });
  });

  test('is asked for again later, and in the end told to the operator', async () => {
    const paymentId = await order({ capture: 'manual' });
    const asked: number[] = [];
    for (const times of [1, 2, 4, 8, 16, 64]) asked.push((await askAfter(times * DEADLINE_MS)).sent.length);
    expect(asked).toEqual([1, 0, 1, 0, 1, 1]);
    const { sent, reported } = await askAfter(96 * DEADLINE_MS);
    expect(sent).toEqual([]);
    expect(reported).toMatchObject([{ payment: { paymentId } }]);
  });

  test('frees its end-to-end id when it fails', async () => {
    const body = orderOf(anns, bens, { capture: 'manual' });
    await byAnn(createPayment, { body });
    await askAfter(DEADLINE_MS);
    await world.answer(messages.holdRequestStatus, messages.holdRejected, timedOut);
    expect(await byAnn(createPayment, { body })).toMatchObject({ status: 202 });
  });
});

test('a payment with an outcome is not asked for', async () => {
  await world.pay(anns, bens, 'automatic');
  await world.pay(anns, bens, 'manual');
  expect((await askAfter(64 * DEADLINE_MS)).sent).toEqual([]);
});

test('an authorized payment is asked for once its hold must have ended', async () => {
  const paymentId = await world.pay(anns, bens, 'manual');
  expect((await askAfter(HOLD_LIFETIME_MS)).sent).toEqual([]);
  expect((await askAfter(HOLD_LIFETIME_MS + DEADLINE_MS)).sent).toHaveLength(1);
  await world.answer(messages.holdRequestStatus, messages.holdEnded, {
    how: 'expired',
    postedMinor: 0n,
    releasedMinor: 100n,
    endedAt: new Date().toISOString(),
  });
  expect(await show(paymentId)).toMatchObject({ status: 'cancelled', code: 'ledger.hold_ended' });
});

test('a capture and a refund without an answer are asked for, and give their amount back', async () => {
  const [held, paid] = [await world.pay(anns, bens, 'manual'), await world.pay(anns, bens, 'automatic')];
  await byBen(capturePayment, { params: { paymentId: held }, body: { amountMinor: 60 } });
  await byBen(refundPayment, { params: { paymentId: paid }, body: { amountMinor: 40 } });
  const { sent } = await askAfter(DEADLINE_MS);
  expect(sent.map(({ data }) => [data['paymentId'], data['refund'], data['debitAccountId']])).toEqual([
    [held, false, anns.accountId],
    [paid, true, bens.accountId],
  ]);
  world.sent.splice(-1);
  await world.answer(messages.transferRequestStatus, messages.transferRejected, timedOut);
  expect(await show(held)).toMatchObject({
    status: 'authorized',
    captures: [{ status: 'rejected', ...timedOut }],
  });
  const whole = { params: { paymentId: held }, body: { amountMinor: 100 } };
  expect(await byBen(capturePayment, whole)).toMatchObject({ status: 202 });
});

test('two replicas ask once; many payments are asked for in turns', async () => {
  const many = FOUND_MAX + 20;
  await world.pool.query(
    `INSERT INTO payment (payment_id, initiator_kind, initiator_id, source_kind, source_id, payee_account_id, amount_minor,
       currency, capture, end_to_end_id, status, captured_minor, refunded_minor, capturing_minor, refunding_minor, txn,
       created_at, updated_at)
     SELECT payment_id, 'subject', $1, 'account', $2, $3, 100, 'EUR', 'manual', payment_id, 'requested', 0, 0, 0, 0, 'txn',
       date_trunc('milliseconds', now()), now() FROM unnest($4::text[]) AS payment_id`,
    [ann, anns.accountId, bens.accountId, Array.from({ length: many }, () => newId('pay'))],
  );
  const turns = [await Promise.all([askAfter(DEADLINE_MS), askAfter(DEADLINE_MS)])];
  turns.push(await Promise.all([askAfter(DEADLINE_MS), askAfter(DEADLINE_MS)]));
  turns.push(await Promise.all([askAfter(DEADLINE_MS), askAfter(DEADLINE_MS)]));
  const asked = turns.flat(2).flatMap(({ sent }) => sent.map(({ data }) => String(data['paymentId'])));
  expect(new Set(asked).size).toBe(many);
  expect(asked.length).toBe(many);
});

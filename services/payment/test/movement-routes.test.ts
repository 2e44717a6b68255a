import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { messages, newId, operations } from '@tallystick/contracts';
import type { Customer } from '@tallystick/http/testing';
import { eventually } from '@tallystick/messaging/testing';

import { startPaymentWorld, type OwnedAccount, type PaymentWorld } from './payment-world.ts';

const { capturePayment, cancelPayment, refundPayment, getPayment, getCapture, getRefund } = operations;
const [ann, ben, eve] = [newId('usr'), newId('usr'), newId('usr')];

let world: PaymentWorld;
let [byAnn, byBen, byEve] = [] as unknown as [Customer, Customer, Customer];
let anns: OwnedAccount;
let bens: OwnedAccount;
beforeAll(async () => {
  world = await startPaymentWorld();
  [byAnn, byBen, byEve] = [world.by(ann), world.by(ben), world.by(eve)];
  [anns, bens] = [await world.account(ann), await world.account(ben)];
});
afterAll(() => world.stop());
beforeEach(() => void world.sent.splice(0));

const waiting = { prefer: 'wait=20' };
const isSent = (type: string): Promise<unknown> =>
  eventually(() => world.sent.some((one) => one.type === type));

describe('a capture', () => {
  test('that the ledger refuses is answered with its code, and the payment shows it from then on', async () => {
    const paymentId = await world.pay(anns, bens, 'manual');
    const answered = byBen(capturePayment, {
      params: { paymentId },
      body: { amountMinor: 60 },
      headers: waiting,
    });
    await isSent(messages.holdPost.type);
    await world.answer(messages.holdPost, messages.transferRejected, { code: 'ledger.account_not_open' });
    const { status, body } = await answered;
    const captures = [{ status: 'rejected', code: 'ledger.account_not_open', amountMinor: 60 }];
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'authorized', capturedMinor: 0, captures });
    const later = await byAnn(getPayment, { params: { paymentId } });
    expect(later.body).toMatchObject({ captures });
    const [{ captureId }] = later.body['captures'] as [{ captureId: string }];
    expect(await byAnn(getCapture, { params: { paymentId, captureId } })).toMatchObject({
      status: 200,
      body: { captureId, ...captures[0] },
    });
    expect(world.sent.at(-1)).toMatchObject({
      type: 'payment.command_rejected',
      data: { captureId, code: 'ledger.account_not_open' },
    });
  });

  test('is shown as requested until the ledger answers, then as posted', async () => {
    const paymentId = await world.pay(anns, bens, 'manual');
    const captureId = newId('cap');
    const { body } = await byBen(capturePayment, {
      params: { paymentId },
      body: { captureId, amountMinor: 60 },
    });
    expect(body['captures']).toMatchObject([{ captureId, status: 'requested' }]);
    await world.answer(messages.holdPost, messages.transferPosted, {
      creditAccountId: bens.accountId,
      currency: 'EUR',
      refund: false,
    });
    expect(await byBen(getCapture, { params: { paymentId, captureId } })).toMatchObject({
      body: { captureId, status: 'posted', amountMinor: 60 },
    });
  });

  test('of an order that captures at once is shown too', async () => {
    const paymentId = await world.pay(anns, bens, 'automatic');
    expect((await byAnn(getPayment, { params: { paymentId } })).body['captures']).toMatchObject([
      { status: 'posted', amountMinor: 100 },
    ]);
  });
});

describe('a refund that the ledger refuses', () => {
  let paymentId: string;
  let refundId: string;
  beforeAll(async () => {
    paymentId = await world.pay(anns, bens, 'automatic');
    refundId = newId('rfd');
    const answered = byBen(refundPayment, {
      params: { paymentId },
      body: { refundId, amountMinor: 100 },
      headers: waiting,
    });
    await eventually(() => world.sent.some(({ data }) => data['refund'] === true));
    await world.answer(messages.transferCreate, messages.transferRejected, {
      code: 'ledger.insufficient_funds',
    });
    expect((await answered).status).toBe(201);
  });

  test('is shown with its code, and may be ordered again under another id', async () => {
    const refund = { refundId, status: 'rejected', code: 'ledger.insufficient_funds', amountMinor: 100 };
    expect(await byBen(getRefund, { params: { paymentId, refundId } })).toMatchObject({ body: refund });
    const again = { refundId: newId('rfd'), amountMinor: 100 };
    const { status, body } = await byBen(refundPayment, { params: { paymentId }, body: again });
    expect(status).toBe(202);
    expect(body['refunds']).toMatchObject([{ ...again, status: 'requested' }, refund]);
  });

  test('is found by the parties of its own payment only', async () => {
    const other = await world.pay(anns, bens, 'automatic');
    const found = await byAnn(getRefund, { params: { paymentId, refundId } });
    const byStranger = await byEve(getRefund, { params: { paymentId, refundId } });
    const ofOther = await byAnn(getRefund, { params: { paymentId: other, refundId } });
    const asCapture = await byAnn(getCapture, { params: { paymentId, captureId: newId('cap') } });
    expect([found, byStranger, ofOther, asCapture].map(({ status, body }) => [status, body.code])).toEqual([
      [200, 'ledger.insufficient_funds'],
      [404, 'payment.not_found'],
      [404, 'resource.not_found'],
      [404, 'resource.not_found'],
    ]);
  });
});

describe('a cancellation', () => {
  const cancelled = async (answer: () => Promise<void>): Promise<Record<string, unknown>> => {
    const paymentId = await world.pay(anns, bens, 'manual');
    const answered = byBen(cancelPayment, { params: { paymentId }, headers: waiting });
    await isSent(messages.holdVoid.type);
    await answer();
    expect((await answered).status).toBe(201);
    return (await byAnn(getPayment, { params: { paymentId } })).body;
  };

  test('that the ledger refuses is answered with its code', async () => {
    const code = 'evidence.mismatch';
    expect(
      await cancelled(() => world.answer(messages.holdVoid, messages.holdVoidRejected, { code })),
    ).toMatchObject({ status: 'authorized', cancellation: { status: 'rejected', code } });
  });

  test('that releases the hold is carried out', async () => {
    const released = { how: 'voided', postedMinor: 0n, releasedMinor: 100n, creditAccountId: bens.accountId };
    const ended = { ...released, amountMinor: 100n, currency: 'EUR', endedAt: new Date(0).toISOString() };
    expect(await cancelled(() => world.answer(messages.holdVoid, messages.holdEnded, ended))).toMatchObject({
      status: 'cancelled',
      cancellation: { status: 'carried_out' },
    });
  });
});

test('a payment shows its newest twenty captures; every one is found by its id', async () => {
  const paymentId = await world.pay(anns, bens, 'manual');
  const ids = Array.from({ length: 22 }, () => newId('cap'));
  for (const captureId of ids)
    await byBen(capturePayment, { params: { paymentId }, body: { captureId, amountMinor: 1 } });
  const { body } = await byBen(getPayment, { params: { paymentId } });
  expect((body['captures'] as { captureId: string }[]).map(({ captureId }) => captureId)).toEqual(
    ids.toReversed().slice(0, 20),
  );
  const oldest = await byBen(getCapture, { params: { paymentId, captureId: ids[0]! } });
  expect(oldest.body).toMatchObject({ captureId: ids[0], status: 'requested' });
});

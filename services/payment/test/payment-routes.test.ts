import { entryIn, listEntries } from '@tallystick/audit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { firstJtiAt, newId, operations } from '@tallystick/contracts';
import type { Answer, Customer } from '@tallystick/http/testing';
import { eventually } from '@tallystick/messaging/testing';

import { orderOf, startPaymentWorld, type OwnedAccount, type PaymentWorld } from './payment-world.ts';

const { createPayment, capturePayment, cancelPayment, refundPayment, getPayment, listPayments } = operations;
const [ann, ben, eve] = [newId('usr'), newId('usr'), newId('usr')];

let world: PaymentWorld;
let [byAnn, byBen, byEve] = [] as unknown as [Customer, Customer, Customer];
let anns: OwnedAccount;
let bens: OwnedAccount;
let evesAccount: OwnedAccount;
beforeAll(async () => {
  world = await startPaymentWorld();
  [byAnn, byBen, byEve] = [world.by(ann), world.by(ben), world.by(eve)];
  [anns, bens] = [await world.account(ann), await world.account(ben)];
  evesAccount = await world.account(eve);
});
afterAll(() => world.stop());
beforeEach(() => void world.sent.splice(0));

const outcomeOf = ({ status, body }: Answer): [number, string | undefined] => [status, body.code];
const sentTypes = (): string[] => world.sent.map(({ type }) => type);
const show = async (paymentId: string): Promise<object> =>
  (await byAnn(getPayment, { params: { paymentId } })).body;

describe('a customer who pays', () => {
  test('gets 202 and the location of the outcome', async () => {
    const order = orderOf(anns, bens);
    const { status, body, headers } = await byAnn(createPayment, { body: order });
    expect(status).toBe(202);
    expect(body).toMatchObject({ ...order, capturedBy: 'payee', status: 'requested', capturedMinor: 0 });
    expect(headers.get('location')).toContain(String(body['paymentId']));
    expect(await byAnn(getPayment, { params: { paymentId: String(body['paymentId']) } })).toMatchObject({
      status: 200,
      body,
    });
  });

  test('causes a request to the ledger with the signed order', async () => {
    const order = orderOf(anns, bens);
    const { body } = await byAnn(createPayment, { body: order });
    expect(world.sent).toMatchObject([
      {
        type: 'account.transfer.create',
        data: {
          paymentId: body['paymentId'],
          debitAccountId: anns.accountId,
          creditAccountId: bens.accountId,
          amountMinor: 100n,
          evidence: { kind: 'request', operation: createPayment.id, body: JSON.stringify(order) },
        },
      },
    ]);
  });

  test('causes a request to the card service if they pay by card', async () => {
    const cardId = newId('crd');
    await byAnn(createPayment, { body: orderOf(anns, bens, { source: { kind: 'card', cardId } }) });
    expect(world.sent).toMatchObject([{ type: 'card.authorize', data: { cardId, amountMinor: 100n } }]);
  });

  test('gets the outcome if it arrives within their wait time', async () => {
    const answer = byAnn(createPayment, {
      body: orderOf(anns, bens, { capture: 'manual' }),
      headers: { prefer: 'wait=20' },
    });
    await eventually(() => sentTypes().includes('account.hold.place'));
    await world.answerHold();
    const { status, body, headers } = await answer;
    expect([status, body['status']]).toEqual([201, 'authorized']);
    expect(headers.get('preference-applied')).toBe('wait');
  });

  test('pays once if they repeat the request with its idempotency key', async () => {
    const repeated = { body: orderOf(anns, bens), headers: { 'idempotency-key': 'payment-of-ann' } };
    const [first, second] = [await byAnn(createPayment, repeated), await byAnn(createPayment, repeated)];
    expect([second.status, second.body]).toEqual([202, first.body]);
    expect(world.sent).toHaveLength(1);
  });

  test('is refused a second payment under the same end-to-end id', async () => {
    const order = orderOf(anns, bens);
    await byAnn(createPayment, { body: order });
    const other = { ...order, amountMinor: 101 };
    expect(outcomeOf(await byAnn(createPayment, { body: other }))).toEqual([
      409,
      'payment.end_to_end_id_reused',
    ]);
    expect(world.sent).toHaveLength(1);
  });

  test('is refused an account of somebody else, like one that does not exist', async () => {
    const minutesAgo = Date.now() - 600_000;
    const foreign = orderOf(bens, anns);
    const unknown = { ...foreign, source: { kind: 'account', accountId: `acc_${firstJtiAt(minutesAgo)}` } };
    const answers = [];
    for (const body of [foreign, unknown]) answers.push(await byAnn(createPayment, { body }));
    expect(answers.map(outcomeOf)).toEqual([
      [404, 'ledger.account_not_found'],
      [404, 'ledger.account_not_found'],
    ]);
    expect(answers[0]!.body).toEqual(answers[1]!.body);
    expect(world.sent).toEqual([]);
  });

  test('may order from an account that was opened just now, and the ledger decides', async () => {
    const opened = { accountId: newId('acc'), ownerId: ann };
    expect((await byAnn(createPayment, { body: orderOf(opened, bens) })).status).toBe(202);
  });

  test('has one payment for an order that is signed twice in a second', async () => {
    const order = orderOf(anns, bens);
    const [first, second] = await Promise.all([
      byAnn(createPayment, { body: order }),
      byAnn(createPayment, { body: order }),
    ]);
    const ids = [first, second].flatMap(({ status, body }) => (status === 202 ? [body['paymentId']] : []));
    expect(new Set(ids).size).toBe(1);
    expect(world.sent).toHaveLength(1);
  });

  test.each([
    [400, 'request.invalid', { body: { amountMinor: 1 } }],
    [401, 'dpop.missing', { proof: null }],
    [401, 'dpop.digest_mismatch', { proof: { body: '{}' } }],
  ])('is refused with %i %s, and no command is sent', async (status, code, request) => {
    const body = orderOf(anns, bens);
    expect(outcomeOf(await byAnn(createPayment, { body, ...request }))).toEqual([status, code]);
    expect(world.sent).toEqual([]);
  });

  test('may call the previous version, and gets the response in it', async () => {
    const { payee, ...order } = orderOf(anns, bens);
    const body = { ...order, payeeAccountId: payee.accountId };
    const answer = await byAnn(createPayment, { body, version: 1 });
    expect([answer.status, answer.body['payeeAccountId']]).toEqual([202, bens.accountId]);
    expect(answer.body).not.toHaveProperty('payee');
  });
});

describe('an authorized payment', () => {
  let params: { paymentId: string };
  beforeEach(async () => {
    params = { paymentId: await world.pay(anns, bens, 'manual') };
    world.sent.splice(0);
  });

  test('is captured in parts by its payee, up to its amount', async () => {
    const body = { amountMinor: 60 };
    expect((await byBen(capturePayment, { params, body })).status).toBe(202);
    const evidence = { kind: 'request', operation: capturePayment.id, body: JSON.stringify(body) };
    expect(world.sent).toMatchObject([
      { type: 'account.hold.post', data: { ...params, amountMinor: 60n, evidence } },
    ]);
    const more = await byBen(capturePayment, { params, body: { amountMinor: 41 } });
    expect(outcomeOf(more)).toEqual([409, 'payment.amount_exceeded']);
    expect(world.sent).toHaveLength(1);
  });

  test('is captured twice in equal parts only if the second has a name', async () => {
    const part = { params, body: { amountMinor: 30 } };
    expect((await byBen(capturePayment, part)).status).toBe(202);
    expect(outcomeOf(await byBen(capturePayment, part))).toEqual([409, 'payment.state_conflict']);
    const named = { params, body: { amountMinor: 30, captureId: newId('cap') } };
    expect((await byBen(capturePayment, named)).status).toBe(202);
    expect((await byBen(capturePayment, named)).status).toBe(202);
    expect(sentTypes()).toEqual(['account.hold.post', 'account.hold.post']);
  });

  test.each([
    { operation: capturePayment, body: { amountMinor: 1 } },
    { operation: cancelPayment, body: {} },
    { operation: refundPayment, body: { amountMinor: 1 } },
  ])('is not for its payer: $operation.id answers 403', async ({ operation, body }) => {
    expect(outcomeOf(await byAnn(operation, { params, body }))).toEqual([403, 'payment.not_permitted']);
    const [entry] = await listEntries(world.pool, {}, { before: undefined, limit: 1 });
    expect(entryIn(entry!.content)).toMatchObject({ action: operation.id, outcome: 'payment.not_permitted' });
    expect(world.sent).toEqual([]);
  });

  test('is captured and cancelled by its payer if the order says so, and the payee may cancel', async () => {
    const own = { paymentId: await world.pay(anns, bens, 'manual', { capturedBy: 'initiator' }) };
    world.sent.splice(0);
    const taken = await byBen(capturePayment, { params: own, body: { amountMinor: 1 } });
    expect(outcomeOf(taken)).toEqual([403, 'payment.not_permitted']);
    expect((await byAnn(capturePayment, { params: own, body: { amountMinor: 1 } })).status).toBe(202);
    const other = { paymentId: await world.pay(anns, bens, 'manual', { capturedBy: 'initiator' }) };
    expect((await byBen(cancelPayment, { params: other })).status).toBe(202);
  });

  test('is captured once if the request is repeated after a restore that lost its answer', async () => {
    const part = { params, body: { amountMinor: 30 }, headers: { 'idempotency-key': 'a-part-for-bo' } };
    expect((await byBen(capturePayment, part)).status).toBe(202);
    await world.pool.query("DELETE FROM idempotency_key WHERE key = 'a-part-for-bo'");
    expect((await byBen(capturePayment, part)).status).toBe(202);
    expect(sentTypes()).toEqual(['account.hold.post']);
  });

  test('is cancelled with a request to the ledger to release the hold', async () => {
    expect((await byBen(cancelPayment, { params })).status).toBe(202);
    const evidence = { kind: 'request', operation: cancelPayment.id };
    expect(world.sent).toMatchObject([{ type: 'account.hold.void', data: { ...params, evidence } }]);
  });

  test('is not refunded before a capture', async () => {
    const answer = await byBen(refundPayment, { params, body: { amountMinor: 1 } });
    expect(outcomeOf(answer)).toEqual([409, 'payment.state_conflict']);
    expect(world.sent).toEqual([]);
  });

  test.each([
    { operation: capturePayment, body: { amountMinor: 1 } },
    { operation: cancelPayment, body: {} },
    { operation: refundPayment, body: { amountMinor: 1 } },
  ])('is hidden from other customers: $operation.id answers 404', async ({ operation, body }) => {
    const before = await show(params.paymentId);
    expect(outcomeOf(await byEve(operation, { params, body }))).toEqual([404, 'payment.not_found']);
    const unknown = { params: { paymentId: newId('pay') }, body };
    expect(outcomeOf(await byEve(operation, unknown))).toEqual([404, 'payment.not_found']);
    expect(world.sent).toEqual([]);
    expect(await show(params.paymentId)).toEqual(before);
  });
});

describe('a captured payment', () => {
  let params: { paymentId: string };
  beforeEach(async () => {
    params = { paymentId: await world.pay(anns, bens, 'automatic') };
    expect(await show(params.paymentId)).toMatchObject({ status: 'captured', capturedMinor: 100 });
    world.sent.splice(0);
  });

  test('is refunded by its payee with their signed request', async () => {
    const body = { amountMinor: 40 };
    expect((await byBen(refundPayment, { params, body })).status).toBe(202);
    expect(world.sent).toMatchObject([
      {
        type: 'account.transfer.create',
        data: {
          ...params,
          refund: true,
          debitAccountId: bens.accountId,
          creditAccountId: anns.accountId,
          amountMinor: 40n,
          evidence: { kind: 'request', operation: refundPayment.id, body: JSON.stringify(body) },
        },
      },
    ]);
    await world.answerTransfer();
    expect(await show(params.paymentId)).toMatchObject({ status: 'captured', refundedMinor: 40 });
  });

  test('is refunded once if the request is repeated with its idempotency key', async () => {
    const key = `refund-${params.paymentId}`;
    const repeated = { params, body: { amountMinor: 40 }, headers: { 'idempotency-key': key } };
    const [first, second] = [await byBen(refundPayment, repeated), await byBen(refundPayment, repeated)];
    expect([second.status, second.body]).toEqual([202, first.body]);
    expect(world.sent).toHaveLength(1);
  });

  test('is not refunded by its payer', async () => {
    const answer = await byAnn(refundPayment, { params, body: { amountMinor: 1 } });
    expect(outcomeOf(answer)).toEqual([403, 'payment.not_permitted']);
    expect(world.sent).toEqual([]);
  });

  test('is not refunded above the captured amount', async () => {
    const answer = await byBen(refundPayment, { params, body: { amountMinor: 101 } });
    expect(outcomeOf(answer)).toEqual([409, 'payment.amount_exceeded']);
    expect(world.sent).toEqual([]);
  });

  test.each([
    { operation: capturePayment, body: { amountMinor: 1 } },
    { operation: cancelPayment, body: {} },
  ])('refuses $operation.id', async ({ operation, body }) => {
    expect(outcomeOf(await byBen(operation, { params, body }))).toEqual([409, 'payment.state_conflict']);
    expect(world.sent).toEqual([]);
  });
});

describe('the list of payments', () => {
  test('contains only payments that the customer made or received, newest first', async () => {
    const [first, second] = [
      await world.pay(anns, bens, 'automatic'),
      await world.pay(anns, bens, 'automatic'),
    ];
    const idsOf = async (by: Customer, query = ''): Promise<string[]> => {
      const { body } = await by(listPayments, { query });
      return (body['payments'] as { paymentId: string }[]).map(({ paymentId }) => paymentId);
    };
    expect((await idsOf(byAnn)).slice(0, 2)).toEqual([second, first]);
    expect((await idsOf(byBen)).slice(0, 2)).toEqual([second, first]);
    expect(await idsOf(byAnn, '?limit=1')).toEqual([second]);
    expect(await idsOf(byEve)).toEqual([]);
    expect(outcomeOf(await byEve(getPayment, { params: { paymentId: first } }))).toEqual([
      404,
      'payment.not_found',
    ]);
  });

  test('has pages, without a gap and without a payment on two of them', async () => {
    const gus = world.by(newId('usr'));
    const account = await world.account(newId('usr'));
    const payees = world.by(account.ownerId);
    const paid: string[] = [];
    for (let at = 0; at < 5; at += 1) paid.unshift(await world.pay(anns, account, 'automatic'));
    const shown: string[] = [];
    for (let query = '?limit=2'; query !== '';) {
      const { body } = await payees(listPayments, { query });
      shown.push(...(body['payments'] as { paymentId: string }[]).map(({ paymentId }) => paymentId));
      query = body['nextCursor'] === undefined ? '' : `?limit=2&cursor=${body['nextCursor'] as string}`;
    }
    expect(shown).toEqual(paid);
    const forged = await gus(listPayments, { query: '?cursor=AAAA' });
    expect(outcomeOf(forged)).toEqual([400, 'request.invalid']);
  });

  test('contains no order of somebody else that is not carried out', async () => {
    const victim = newId('usr');
    const account = await world.account(victim);
    const { body } = await byEve(createPayment, { body: orderOf(evesAccount, account) });
    const theirs = await world.by(victim)(listPayments, {});
    expect(theirs.body['payments']).toEqual([]);
    const params = { paymentId: String(body['paymentId']) };
    expect(outcomeOf(await world.by(victim)(getPayment, { params }))).toEqual([404, 'payment.not_found']);
  });

  test('requires the scope payments:read', async () => {
    const token = world.token({ sub: ann, scope: 'accounts:read' });
    expect(outcomeOf(await byAnn(listPayments, { token }))).toEqual([403, 'token.scope_insufficient']);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firstJtiAt, messages, newId, type ErrorCode } from '@tallystick/contracts';
import type { OpenedMessage } from '@tallystick/security';

import { order, signedBy, startMessageWorld, type MessageWorld } from './message-world.ts';

const {
  holdPlaced,
  paymentCancel,
  paymentCapture,
  paymentCreate,
  paymentRefund,
  transferPosted,
  transferRejected,
} = messages;

let world: MessageWorld;
beforeAll(async () => {
  world = await startMessageWorld();
});
afterAll(() => world.stop());

const byAcme = (data: ReturnType<typeof order>): OpenedMessage => signedBy('acme', paymentCreate, data);

/** Builds the event that rejects a command. */
const rejectionOf = (command: OpenedMessage, code: ErrorCode) => ({
  type: 'payment.command_rejected',
  cause: command.claims.jti,
  data: expect.objectContaining({
    paymentId: command.claims.sub,
    command: command.definition.type,
    commandJti: command.claims.jti,
    code,
  }),
});

/** Orders a payment that is captured later, and answers as the ledger that its amount is held. */
async function authorized(
  changes: Parameters<typeof order>[0] = {},
): Promise<{ paymentId: string; holdId: string }> {
  const placed = order({ capture: 'manual', ...changes });
  const { sent } = await world.command(byAcme(placed));
  const { evidence: _evidence, ...facts } = sent[0]!.data;
  await world.answer(holdPlaced, facts);
  return { paymentId: placed.paymentId, holdId: String(facts['holdId']) };
}

/** Orders a payment, and answers as the ledger that its amount moved. */
async function captured(): Promise<{ paymentId: string }> {
  const placed = order();
  const { sent } = await world.command(byAcme(placed));
  const { evidence: _evidence, ...facts } = sent[0]!.data;
  await world.answer(transferPosted, { ...facts, postedAt: new Date().toISOString() });
  return { paymentId: placed.paymentId };
}

describe('an order of a third party', () => {
  test('asks the ledger for the transfer, with the signed order as evidence', async () => {
    const placed = order();
    const command = byAcme(placed);
    const { sent, refused } = await world.command(command);
    expect(refused.size).toBe(0);
    expect(sent).toEqual([
      {
        type: 'account.transfer.create',
        cause: command.claims.jti,
        data: {
          transferId: expect.stringMatching(/^trf_/),
          debitAccountId: (placed.source as { accountId: string }).accountId,
          creditAccountId: placed.payee.accountId,
          amountMinor: 100n,
          currency: 'EUR',
          paymentId: placed.paymentId,
          refund: false,
          evidence: { kind: 'order', envelope: command.jws },
        },
      },
    ]);
    expect(await world.payment(placed.paymentId)).toMatchObject({
      status: 'requested',
      initiator: { kind: 'producer', id: 'acme' },
      txn: command.claims.txn,
    });
  });

  test('asks for a hold if it is captured later', async () => {
    const placed = order({ capture: 'manual' });
    const { sent } = await world.command(byAcme(placed));
    expect(sent.map(({ type }) => type)).toEqual(['account.hold.place']);
  });

  test.each([
    ['far in the future', 3_600_000],
    ['far in the past', -2 * 86_400_000],
  ])('is rejected if the time in its payment id is %s', async (_name, aheadMs) => {
    const paymentId = `pay_${firstJtiAt(Date.now() + aheadMs)}`;
    const command = byAcme(order({ paymentId }));
    expect((await world.command(command)).sent).toEqual([rejectionOf(command, 'payment.id_out_of_time')]);
  });

  test('may have its end-to-end id again after it failed, and is not in the way of another third party', async () => {
    const placed = order();
    const { sent } = await world.command(byAcme(placed));
    const { transferId, debitAccountId, amountMinor } = sent[0]!.data;
    const same = { source: placed.source, endToEndId: placed.endToEndId };
    expect((await world.command(signedBy('other', paymentCreate, order(same)))).refused.size).toBe(0);
    const code = 'ledger.insufficient_funds';
    const { paymentId } = placed;
    await world.answer(transferRejected, { transferId, debitAccountId, amountMinor, paymentId, code });
    expect((await world.command(byAcme(order(same)))).refused.size).toBe(0);
    const third = byAcme(order(same));
    expect((await world.command(third)).sent).toEqual([rejectionOf(third, 'payment.end_to_end_id_reused')]);
  });

  test('has no second effect if it is repeated, also under another message id', async () => {
    const placed = order();
    const command = byAcme(placed);
    expect((await world.command(command, command)).sent).toHaveLength(1);
    expect((await world.command(command)).sent).toEqual([]);
    expect((await world.command(byAcme(placed))).sent).toEqual([]);
  });

  test('cannot pay by card, which needs the request of its holder', async () => {
    const command = byAcme(order({ source: { kind: 'card', cardId: newId('crd') } }));
    const { sent, refused } = await world.command(command);
    expect(sent).toEqual([rejectionOf(command, 'evidence.kind_refused')]);
    expect(refused).toEqual(new Map([[command.claims.jti, 'evidence.kind_refused']]));
    await expect(world.payment(command.claims.sub)).rejects.toThrow('there is no payment');
  });

  test('is rejected if another order has its id or its end-to-end id', async () => {
    const placed = order();
    await world.command(byAcme(placed));
    const sameId = byAcme({ ...order(), paymentId: placed.paymentId });
    const sameEndToEndId = byAcme(order({ source: placed.source, endToEndId: placed.endToEndId }));
    expect((await world.command(sameId, sameEndToEndId)).sent).toEqual([
      rejectionOf(sameId, 'payment.id_reused'),
      rejectionOf(sameEndToEndId, 'payment.end_to_end_id_reused'),
    ]);
  });

  test('is rejected alone: the other orders of its batch are carried out', async () => {
    const [first, card, last] = [order(), order({ source: { kind: 'card', cardId: newId('crd') } }), order()];
    const { sent } = await world.command(byAcme(first), byAcme(card), byAcme(last));
    expect(sent.map(({ type }) => type)).toEqual([
      'account.transfer.create',
      'payment.command_rejected',
      'account.transfer.create',
    ]);
  });

  test('is rejected after its expiry, unless it was accepted before', async () => {
    const late = byAcme(order());
    expect((await world.expiredCommand(late)).sent).toEqual([rejectionOf(late, 'envelope.expired')]);
    const accepted = order();
    await world.command(byAcme(accepted));
    expect((await world.expiredCommand(byAcme(accepted))).sent).toEqual([]);
  });
});

describe('a capture of a third party', () => {
  const capture = (iss: string, paymentId: string, amountMinor: bigint, final = false): OpenedMessage =>
    signedBy(iss, paymentCapture, { paymentId, captureId: newId('cap'), amountMinor, final });

  test('asks the ledger to post that amount of the hold', async () => {
    const { paymentId, holdId } = await authorized();
    const command = capture('acme', paymentId, 40n);
    const evidence = { kind: 'order', envelope: command.jws };
    expect((await world.command(command)).sent).toMatchObject([
      { type: 'account.hold.post', data: { holdId, amountMinor: 40n, paymentId, evidence } },
    ]);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'authorized', capturingMinor: 40n });
  });

  test('is rejected above the authorized amount, captures in progress included', async () => {
    const { paymentId } = await authorized();
    await world.command(capture('acme', paymentId, 60n));
    const command = capture('acme', paymentId, 41n);
    expect((await world.command(command)).sent).toEqual([rejectionOf(command, 'payment.amount_exceeded')]);
  });

  test.each<[string, (paymentId: string) => OpenedMessage]>([
    ['a capture', (paymentId) => capture('other', paymentId, 10n)],
    ['a cancellation', (paymentId) => signedBy('other', paymentCancel, { paymentId })],
  ])('by another third party, such as %s, finds no payment', async (_name, command) => {
    const { paymentId } = await authorized();
    const foreign = command(paymentId);
    expect((await world.command(foreign)).sent).toEqual([rejectionOf(foreign, 'payment.not_found')]);
    expect(await world.payment(paymentId)).toMatchObject({ capturingMinor: 0n, status: 'authorized' });
  });

  test('is not permitted to the initiator if the order leaves it to the payee', async () => {
    const { paymentId } = await authorized({ capturedBy: 'payee' });
    for (const command of [capture('acme', paymentId, 10n), signedBy('acme', paymentCancel, { paymentId })])
      expect((await world.command(command)).sent).toEqual([rejectionOf(command, 'payment.not_permitted')]);
  });

  test('gets no answer after its expiry: the client repeats it under the same id', async () => {
    const { paymentId } = await authorized();
    expect((await world.expiredCommand(capture('acme', paymentId, 10n))).sent).toEqual([]);
  });
});

describe('a cancellation of a third party', () => {
  test('asks the ledger to void the hold', async () => {
    const { paymentId, holdId } = await authorized();
    const { sent } = await world.command(signedBy('acme', paymentCancel, { paymentId }));
    expect(sent).toMatchObject([{ type: 'account.hold.void', data: { holdId } }]);
  });

  test('is rejected if the payment was captured', async () => {
    const { paymentId } = await captured();
    const command = signedBy('acme', paymentCancel, { paymentId });
    expect((await world.command(command)).sent).toEqual([rejectionOf(command, 'payment.state_conflict')]);
  });
});

describe('a refund of a third party', () => {
  const refund = (
    paymentId: string,
    amountMinor: bigint,
    refundId = newId('rfd'),
    iss = 'agent',
  ): OpenedMessage => signedBy(iss, paymentRefund, { paymentId, refundId, amountMinor });
  /** Grants a mandate of the payee to the third party `agent`. */
  const mandated = async (paymentId: string): Promise<string> => {
    const { payee } = await world.payment(paymentId);
    const mandateId = newId('mdt');
    const limits = { perPaymentMinor: 100n, perDayMinor: 100n, perMonthMinor: 100n };
    const facts = { mandateId, accountId: payee.accountId, grantee: { kind: 'producer', id: 'agent' } };
    await world.answer(messages.mandateGranted, { ...facts, currency: 'EUR', limits });
    return mandateId;
  };

  test('finds no payment if the third party has no mandate of the payee', async () => {
    const { paymentId } = await captured();
    const stranger = refund(paymentId, 30n);
    expect((await world.command(stranger)).sent).toEqual([rejectionOf(stranger, 'payment.not_found')]);
    const mandateId = await mandated(paymentId);
    const { payee } = await world.payment(paymentId);
    const facts = { mandateId, accountId: payee.accountId, grantee: { kind: 'producer', id: 'agent' } };
    await world.answer(messages.mandateWithdrawn, facts);
    const late = refund(paymentId, 30n);
    expect((await world.command(late)).sent).toEqual([rejectionOf(late, 'payment.not_found')]);
    expect(await world.payment(paymentId)).toMatchObject({ refundingMinor: 0n });
  });

  test('is refused to the initiator of the payment, and reserves nothing', async () => {
    const { paymentId } = await captured();
    const command = refund(paymentId, 30n, newId('rfd'), 'acme');
    expect((await world.command(command)).sent).toEqual([rejectionOf(command, 'payment.not_permitted')]);
    expect(await world.payment(paymentId)).toMatchObject({ refundingMinor: 0n });
  });

  test('asks the ledger for a transfer from the payee, with the signed refund as evidence', async () => {
    const { paymentId } = await captured();
    await mandated(paymentId);
    const { payee } = await world.payment(paymentId);
    const command = refund(paymentId, 30n);
    expect((await world.command(command)).sent).toMatchObject([
      {
        type: 'account.transfer.create',
        data: {
          debitAccountId: payee.accountId,
          amountMinor: 30n,
          paymentId,
          refund: true,
          evidence: { kind: 'order', envelope: command.jws },
        },
      },
    ]);
  });

  test('is rejected above the captured amount, refunds in progress included', async () => {
    const { paymentId } = await captured();
    await mandated(paymentId);
    await world.command(refund(paymentId, 80n));
    const command = refund(paymentId, 21n);
    expect((await world.command(command)).sent).toEqual([rejectionOf(command, 'payment.amount_exceeded')]);
  });

  test('has no second effect under the same refund id', async () => {
    const { paymentId } = await captured();
    await mandated(paymentId);
    const refundId = newId('rfd');
    await world.command(refund(paymentId, 30n, refundId));
    expect((await world.command(refund(paymentId, 30n, refundId))).sent).toEqual([]);
    expect(await world.payment(paymentId)).toMatchObject({ refundingMinor: 30n });
  });
});

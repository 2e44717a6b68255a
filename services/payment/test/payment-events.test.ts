import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messages, newId } from '@tallystick/contracts';
import type { SentMessage } from '@tallystick/messaging/testing';

import { order, signedBy, startMessageWorld, type MessageWorld } from './message-world.ts';

const {
  authorizationApproved,
  authorizationDeclined,
  holdEnded,
  holdPlaced,
  holdRejected,
  holdVoidRejected,
  paymentCancel,
  paymentCapture,
  paymentCreate,
  transferPosted,
  transferRejected,
} = messages;

let world: MessageWorld;
beforeAll(async () => {
  world = await startMessageWorld();
});
afterAll(() => world.stop());

const now = (): string => new Date().toISOString();
const typesOf = (sent: readonly SentMessage[]): string[] => sent.map(({ type }) => type);

/** Orders a payment. @returns its id, and the facts that the ledger was asked with */
async function ordered(capture: 'automatic' | 'manual') {
  const placed = order({ capture });
  const { sent } = await world.command(signedBy('acme', paymentCreate, placed));
  const { evidence: _evidence, ...facts } = sent[0]!.data;
  return { paymentId: placed.paymentId, facts: facts };
}

/** Orders a payment whose amount is held. */
async function authorized() {
  const { paymentId, facts } = await ordered('manual');
  await world.answer(holdPlaced, { ...facts, placedAt: now() });
  return { paymentId, facts };
}

async function captureOf(paymentId: string, amountMinor: bigint, final = false): Promise<string> {
  const command = { paymentId, captureId: newId('cap'), amountMinor, final };
  const { sent } = await world.command(signedBy('acme', paymentCapture, command));
  return String(sent[0]!.data['transferId']);
}

describe('the answer of the ledger to a transfer', () => {
  test('captures the payment and publishes it', async () => {
    const { paymentId, facts } = await ordered('automatic');
    const sent = await world.answer(transferPosted, { ...facts, postedAt: now() });
    expect(sent).toMatchObject([
      { type: 'payment.captured', data: { paymentId, capturedMinor: 100n, refundedMinor: 0n } },
    ]);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'captured', capturedMinor: 100n });
  });

  test('has no second effect', async () => {
    const { facts } = await ordered('automatic');
    await world.answer(transferPosted, { ...facts, postedAt: now() });
    expect(await world.answer(transferPosted, { ...facts, postedAt: now() })).toEqual([]);
  });

  test('fails the payment with the reason of the rejection', async () => {
    const { paymentId, facts } = await ordered('automatic');
    const code = 'ledger.insufficient_funds';
    const sent = await world.answer(transferRejected, { ...facts, code });
    expect(sent).toMatchObject([{ type: 'payment.failed', data: { paymentId, code, capturedMinor: 0n } }]);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'failed', code });
  });

  test.each([
    ['posted', transferPosted],
    ['rejected', transferRejected],
  ] as const)(
    'that is %s without a payment, or for an unknown one, changes nothing',
    async (_name, definition) => {
      const facts = {
        transferId: newId('trf'),
        debitAccountId: newId('acc'),
        creditAccountId: newId('acc'),
        amountMinor: 1n,
        currency: 'EUR',
        refund: false,
        code: 'ledger.insufficient_funds',
        postedAt: now(),
      };
      expect(await world.answer(definition, facts)).toEqual([]);
      expect(await world.answer(definition, { ...facts, paymentId: newId('pay') })).toEqual([]);
    },
  );
});

describe('the answer of the ledger to a hold', () => {
  test('authorizes the payment', async () => {
    const { paymentId, facts } = await ordered('manual');
    expect(typesOf(await world.answer(holdPlaced, { ...facts, placedAt: now() }))).toEqual([
      'payment.authorized',
    ]);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'authorized', holdId: facts['holdId'] });
  });

  test('fails the payment if the hold is rejected', async () => {
    const { paymentId, facts } = await ordered('manual');
    const code = 'mandate.limit_exceeded';
    expect(typesOf(await world.answer(holdRejected, { ...facts, code }))).toEqual(['payment.failed']);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'failed', code });
  });

  test('is left to the card service if it concerns a payment by card', async () => {
    const { paymentId, facts } = await ordered('manual');
    const ofCard = { ...facts, authorizationId: newId('aut'), placedAt: now() };
    expect(await world.answer(holdPlaced, ofCard)).toEqual([]);
    expect(await world.answer(holdRejected, { ...ofCard, code: 'mandate.missing' })).toEqual([]);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'requested' });
  });
});

describe('the end of a hold', () => {
  test('cancels a payment of which nothing was captured', async () => {
    const { paymentId, facts } = await authorized();
    await world.command(signedBy('acme', paymentCancel, { paymentId }));
    const ended = { ...facts, how: 'voided', postedMinor: 0n, releasedMinor: 100n };
    expect(typesOf(await world.answer(holdEnded, ended))).toEqual(['payment.cancelled']);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'cancelled' });
  });

  test('after a final capture leaves the payment captured with that part', async () => {
    const { paymentId, facts } = await authorized();
    const transferId = await captureOf(paymentId, 60n, true);
    const posted = { ...facts, transferId, amountMinor: 60n, refund: false, postedAt: now() };
    expect(typesOf(await world.answer(transferPosted, posted))).toEqual(['payment.captured']);
    await world.answer(holdEnded, { ...facts, how: 'posted', postedMinor: 60n, releasedMinor: 40n });
    expect(await world.payment(paymentId)).toMatchObject({ status: 'captured', capturedMinor: 60n });
  });

  test('that is refused keeps the payment authorized and rejects the cancellation', async () => {
    const { paymentId, facts } = await authorized();
    await world.command(signedBy('acme', paymentCancel, { paymentId }));
    const { holdId, debitAccountId } = facts;
    const refused = { holdId, debitAccountId, paymentId, code: 'ledger.hold_ended' };
    const sent = await world.answer(holdVoidRejected, refused);
    expect(typesOf(sent)).toEqual(['payment.command_rejected']);
  });
});

describe('the outcome of a card authorization', () => {
  const authorizationOf = async () => {
    const { paymentId, facts } = await ordered('manual');
    const { holdId, debitAccountId, creditAccountId: payeeAccountId, amountMinor, currency } = facts;
    const authorization = { authorizationId: newId('aut'), cardId: newId('crd'), paymentId };
    return { ...authorization, holdId, debitAccountId, payeeAccountId, amountMinor, currency };
  };

  test('authorizes the payment if it is approved', async () => {
    const approved = await authorizationOf();
    expect(typesOf(await world.answer(authorizationApproved, approved))).toEqual(['payment.authorized']);
    const { holdId, debitAccountId } = approved;
    expect(await world.payment(approved.paymentId)).toMatchObject({
      status: 'authorized',
      holdId,
      debitAccountId,
    });
  });

  test('fails the payment with the reason if it is declined', async () => {
    const { holdId: _hold, debitAccountId: _debit, ...declined } = await authorizationOf();
    const reason = { code: 'card.limit_exceeded', responseCode: '61' };
    const sent = await world.answer(authorizationDeclined, { ...declined, ...reason });
    expect(sent).toMatchObject([{ type: 'payment.failed', data: { code: 'card.limit_exceeded' } }]);
    expect(await world.payment(declined.paymentId)).toMatchObject({ status: 'failed' });
  });
});

import { describe, expect, test } from '@jest/globals';
import { newPayment, type Movement, type Payment } from '../src/domain/payment.ts';
import { begin } from '../src/domain/begin.ts';
import type { SagaContext } from '../src/domain/saga-event.ts';
import { advance } from '../src/domain/saga.ts';
import { restoreMovement, type MovementFacts } from '../src/domain/transitions.ts';

const evidence = { kind: 'order', envelope: 'a.b.c' } as const;

function ordered(capture: 'automatic' | 'manual'): Payment {
  const source = { kind: 'account', accountId: 'acc_payer' } as const;
  const initiator = { kind: 'subject', id: 'usr_1' } as const;
  const facts = {
    payee: { kind: 'account', accountId: 'acc_payee' },
    amountMinor: 100n,
    currency: 'EUR',
    endToEndId: 'E1',
    capturedBy: 'payee',
  } as const;
  return newPayment({ paymentId: 'pay_1', initiator, source, capture, ...facts }, 'txn_1', 0);
}

function context(): SagaContext {
  return { nowMs: 1, effects: [], newMovements: [] };
}

const posting = { transferId: 'trf_1', amountMinor: 60n, debitAccountId: 'acc_payer' };

/** Posts a movement that the payment does not know. */
function postUnknown(payment: Payment, facts: MovementFacts): Movement {
  const at = context();
  const movement = restoreMovement(payment, facts, at);
  expect(at.newMovements).toEqual([movement]);
  advance(payment, { kind: 'movement_posted', movement }, at);
  return movement;
}

describe('a payment after its database was restored to an earlier point', () => {
  test('sends the same commands if it begins again', () => {
    const [first, second] = [context(), context()];
    begin(ordered('automatic'), evidence, first);
    begin(ordered('automatic'), evidence, second);
    expect(second.effects).toEqual(first.effects);
    expect(second.newMovements).toEqual(first.newMovements);
  });

  test('restores a capture that the ledger posted and the database lost', () => {
    const payment = ordered('manual');
    advance(payment, { kind: 'authorized', holdId: 'hld_1', debitAccountId: 'acc_payer' }, context());
    expect(postUnknown(payment, { ...posting, refund: false, holdId: 'hld_1' })).toMatchObject({
      kind: 'capture',
      status: 'posted',
    });
    advance(payment, { kind: 'hold_ended', how: 'posted' }, context());
    expect(payment).toMatchObject({ status: 'captured', capturedMinor: 60n, capturingMinor: 0n });
  });

  test('restores a refund, which reduces the refundable amount', () => {
    const payment = ordered('manual');
    advance(payment, { kind: 'authorized', holdId: 'hld_1', debitAccountId: 'acc_payer' }, context());
    postUnknown(payment, { ...posting, refund: false, holdId: 'hld_1' });
    postUnknown(payment, { ...posting, transferId: 'trf_2', amountMinor: 20n, refund: true });
    expect(payment).toMatchObject({ capturedMinor: 60n, refundedMinor: 20n, refundingMinor: 0n });
  });

  test('is not captured twice if the event of the transfer precedes the authorization', () => {
    const payment = ordered('automatic');
    postUnknown(payment, { ...posting, amountMinor: 100n, refund: false, holdId: 'hld_1' });
    expect(payment.status).toBe('captured');
    const partly = ordered('automatic');
    const at = context();
    restoreMovement(partly, { ...posting, refund: false, holdId: 'hld_1' }, at);
    advance(partly, { kind: 'authorized', holdId: 'hld_1', debitAccountId: 'acc_payer' }, at);
    expect(partly).toMatchObject({ status: 'authorized', capturingMinor: 60n });
    expect(at.effects.map(({ definition }) => definition.type)).toEqual(['payment.authorized']);
  });
});

import { describe, expect, test } from '@jest/globals';
import { newPayment, type Movement, type Payment } from '../src/domain/payment.ts';
import * as saga from '../src/domain/saga.ts';

const evidence = { kind: 'order', envelope: 'a.b.c' } as const;

function ordered(capture: 'automatic' | 'manual'): Payment {
  const source = { kind: 'account', accountId: 'acc_payer' } as const;
  const initiator = { kind: 'subject', id: 'usr_1' } as const;
  const facts = {
    payeeAccountId: 'acc_payee',
    amountMinor: 100n,
    currency: 'EUR',
    endToEndId: 'E1',
  } as const;
  return newPayment({ paymentId: 'pay_1', initiator, source, capture, ...facts }, 'txn_1', 0);
}

function step(): saga.Step {
  return { nowMs: 1, idFrom: (...parts) => parts.join('_'), effects: [], newMovements: [] };
}

const posting = { transferId: 'trf_1', amountMinor: 60n, debitAccountId: 'acc_payer' };

/** Tells the payment of a posting of which it knows nothing. */
function hear(payment: Payment, told: saga.Posting): Movement {
  const at = step();
  const movement = saga.recalled(payment, told, at);
  expect(at.newMovements).toEqual([movement]);
  saga.posted(payment, movement, at);
  return movement;
}

describe('a payment that a restore set back', () => {
  test('that begins anew asks for the same as the first time', () => {
    const [first, anew] = [step(), step()];
    saga.begin(ordered('automatic'), evidence, first);
    saga.begin(ordered('automatic'), evidence, anew);
    expect(anew.effects).toEqual(first.effects);
    expect(anew.newMovements).toEqual(first.newMovements);
  });

  test('takes over a capture that the ledger posted and it has forgotten', () => {
    const payment = ordered('manual');
    saga.authorized(payment, { holdId: 'hld_1', debitAccountId: 'acc_payer' }, step());
    expect(hear(payment, { ...posting, refund: false, holdId: 'hld_1' })).toMatchObject({
      kind: 'capture',
      status: 'posted',
    });
    saga.holdEnded(payment, 'posted', step());
    expect(payment).toMatchObject({ status: 'captured', capturedMinor: 60n, capturingMinor: 0n });
  });

  test('takes over a refund, and what is left to give back shrinks', () => {
    const payment = ordered('manual');
    saga.authorized(payment, { holdId: 'hld_1', debitAccountId: 'acc_payer' }, step());
    hear(payment, { ...posting, refund: false, holdId: 'hld_1' });
    hear(payment, { ...posting, transferId: 'trf_2', amountMinor: 20n, refund: true });
    expect(payment).toMatchObject({ capturedMinor: 60n, refundedMinor: 20n, refundingMinor: 0n });
  });
});

import { describe, expect, test } from '@jest/globals';
import { CodedError } from '@tallystick/contracts';

import type { Initiator, Payment } from '../src/domain/payment.ts';
import { nobody, requireRole, rolesOf } from '../src/domain/roles.ts';

const ann: Initiator = { kind: 'subject', id: 'ann' };
const ben: Initiator = { kind: 'subject', id: 'ben' };
const carl: Initiator = { kind: 'subject', id: 'carl' };
const shop: Initiator = { kind: 'producer', id: 'shop' };
const agent: Initiator = { kind: 'producer', id: 'agent' };

/** A payment from Ann to Ben, for whom `agent` refunds. */
const parties = { payerId: 'ann', payeeId: 'ben', payeeAgentIds: ['agent'] };
const names = ['payment.get', 'payment.capture', 'payment.cancel', 'payment.refund'] as const;

/** Returns what a party may do to a payment. */
function allowed(
  party: Initiator,
  payment: Pick<Payment, 'initiator' | 'capturedBy' | 'status'>,
): (typeof names)[number][] | 'payment.not_found' {
  const roles = rolesOf(payment, parties, party);
  const outcomes = names.map((name) => {
    try {
      requireRole(name, roles);
      return name;
    } catch (error) {
      return (error as CodedError).code;
    }
  });
  if (outcomes.every((outcome) => outcome === 'payment.not_found')) return 'payment.not_found';
  return outcomes.filter((outcome): outcome is (typeof names)[number] => outcome !== 'payment.not_permitted');
}

describe('an authorized payment that Ann ordered', () => {
  test('is captured, cancelled and refunded by the payee if the payee captures', () => {
    const payment = { initiator: ann, capturedBy: 'payee', status: 'authorized' } as const;
    expect(allowed(ann, payment)).toEqual(['payment.get']);
    expect(allowed(ben, payment)).toEqual([...names]);
    expect(allowed(carl, payment)).toBe('payment.not_found');
    expect(allowed(shop, payment)).toBe('payment.not_found');
    expect(allowed(agent, payment)).toEqual(['payment.get', 'payment.refund']);
  });

  test('is captured by her if she captures; the payee may still cancel', () => {
    const payment = { initiator: ann, capturedBy: 'initiator', status: 'authorized' } as const;
    expect(allowed(ann, payment)).toEqual(['payment.get', 'payment.capture', 'payment.cancel']);
    expect(allowed(ben, payment)).toEqual(['payment.get', 'payment.cancel', 'payment.refund']);
  });
});

describe('an authorized payment that a third party ordered', () => {
  test('is captured by the third party; payer and payee see it', () => {
    const payment = { initiator: shop, capturedBy: 'initiator', status: 'authorized' } as const;
    expect(allowed(shop, payment)).toEqual(['payment.get', 'payment.capture', 'payment.cancel']);
    expect(allowed(ann, payment)).toEqual(['payment.get']);
    expect(allowed(ben, payment)).toEqual(['payment.get', 'payment.cancel', 'payment.refund']);
    expect(allowed({ kind: 'subject', id: 'shop' }, payment)).toBe('payment.not_found');
  });
});

describe('an order that is not carried out', () => {
  test.each(['requested', 'failed'] as const)('concerns its initiator alone while it is %s', (status) => {
    const payment = { initiator: carl, capturedBy: 'initiator', status } as const;
    for (const party of [ann, ben, shop, agent]) expect(allowed(party, payment)).toBe('payment.not_found');
    expect(allowed(carl, payment)).toEqual(['payment.get', 'payment.capture', 'payment.cancel']);
  });
});

test('a payment whose owners are unknown concerns its initiator alone', () => {
  const payment = { initiator: ann, capturedBy: 'payee', status: 'captured' } as const;
  expect([...rolesOf(payment, nobody, ann)]).toEqual(['initiator']);
  expect([...rolesOf(payment, nobody, ben)]).toEqual([]);
});

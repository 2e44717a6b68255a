import { describe, expect, test } from '@jest/globals';
import { operations } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';

import { authorityOf } from '../src/domain/authority.ts';
import { decisionFor, orderFor, requestFor, type TakingCommand } from './evidence-of.ts';
import { account } from './ledger-arbitraries.ts';

const hold: TakingCommand & { kind: 'hold' } = {
  kind: 'hold',
  holdId: 'hld_1',
  debitAccountId: 'acc_payer',
  creditAccountId: 'acc_payee',
  amountMinor: 1_250n,
  currency: 'EUR',
  paymentId: 'pay_1',
  authorizationId: undefined,
  expiresAtMs: 0,
};
const transfer: TakingCommand & { kind: 'transfer' } = {
  kind: 'transfer',
  transferId: 'trf_1',
  debitAccountId: 'acc_payer',
  creditAccountId: 'acc_payee',
  amountMinor: 1_250n,
  currency: 'EUR',
  paymentId: 'pay_1',
  refund: false,
};
const refund = { ...transfer, refund: true };
const between = { ...transfer, paymentId: undefined };
const debit = account('acc_payer', { ownerId: 'usr_owner' });
const authority = (command: TakingCommand, evidence: VerifiedEvidence) =>
  authorityOf(command, debit, evidence);
const mismatch = { code: 'evidence.mismatch' };

/** Deviations of a command from the signed evidence. */
const deviations = [
  ['another payer', { debitAccountId: 'acc_other' }],
  ['another payee', { creditAccountId: 'acc_other' }],
  ['one unit more', { amountMinor: 1_251n }],
  ['one unit less', { amountMinor: 1_249n }],
  ['another currency', { currency: 'USD' }],
] as const;

describe('a request of the owner', () => {
  test.each([
    ['a hold', hold],
    ['a payment at once', transfer],
    ['a refund', refund],
    ['a transfer between accounts', between],
  ])('authorizes %s that it requests', (_name, command) => {
    expect(authority(command, requestFor(command, 'usr_owner'))).toEqual({ by: 'owner' });
  });

  test.each([hold, transfer, refund, between])(
    'authorizes nothing if another customer signed it',
    (command) => {
      expect(authority(command, requestFor(command, 'usr_thief'))).toEqual({ code: 'evidence.not_owner' });
    },
  );

  describe.each([
    ['a hold', hold],
    ['a payment at once', transfer],
    ['a transfer', between],
  ])('for %s', (_name, command) => {
    test.each(deviations)('does not authorize %s', (_change, changes) => {
      const asked = { ...command, ...changes } as TakingCommand;
      expect(authority(asked, requestFor(command, 'usr_owner'))).toEqual(mismatch);
    });
  });

  test.each([
    ['another payment', { paymentId: 'pay_2' }],
    ['one unit more', { amountMinor: 1_251n }],
  ])('does not authorize a refund with %s', (_name, changes) => {
    expect(authority({ ...refund, ...changes }, requestFor(refund, 'usr_owner'))).toEqual(mismatch);
  });

  test('authorizes no other operation', () => {
    expect(authority(refund, requestFor(transfer, 'usr_owner'))).toEqual(mismatch);
    expect(authority(transfer, requestFor(refund, 'usr_owner'))).toEqual(mismatch);
    expect(authority(transfer, requestFor(between, 'usr_owner'))).toEqual(mismatch);
    expect(authority(hold, requestFor(between, 'usr_owner'))).toEqual(mismatch);
  });

  test('authorizes nothing for an operation that moves no money', () => {
    const asked = { ...requestFor(transfer, 'usr_owner'), operation: operations.mandateCreate };
    expect(authority(transfer, asked)).toEqual(mismatch);
  });

  test('to pay by card authorizes no debit of an account', () => {
    const asked = requestFor(transfer, 'usr_owner');
    const byCard = { ...(asked.body as object), source: { kind: 'card', cardId: 'acc_payer' } };
    expect(authority(transfer, { ...asked, body: byCard })).toEqual(mismatch);
  });
});

describe('an order of a third party', () => {
  const byMandate = { by: 'mandate', grantee: { kind: 'producer', id: 'acme' } };

  test.each([hold, transfer, refund])(
    'authorizes the requested movement under a mandate for the third party',
    (command) => {
      expect(authority(command, orderFor(command))).toEqual(byMandate);
    },
  );

  describe.each([
    ['a hold', hold],
    ['a payment at once', transfer],
  ])('for %s', (_name, command) => {
    test.each([...deviations, ['another payment', { paymentId: 'pay_2' }] as const])(
      'does not authorize %s',
      (_change, changes) => {
        expect(authority({ ...command, ...changes } as TakingCommand, orderFor(command))).toEqual(mismatch);
      },
    );
  });

  test.each([
    ['another payment', { paymentId: 'pay_2' }],
    ['one unit more', { amountMinor: 1_251n }],
  ])('does not authorize a refund with %s', (_name, changes) => {
    expect(authority({ ...refund, ...changes }, orderFor(refund))).toEqual(mismatch);
  });

  test('to pay authorizes no refund, and an order to refund authorizes no payment', () => {
    expect(authority(refund, orderFor(transfer))).toEqual({ code: 'evidence.kind_refused' });
    expect(authority(transfer, orderFor(refund))).toEqual({ code: 'evidence.kind_refused' });
  });

  test('to hold authorizes no immediate payment, and an order for an immediate payment authorizes no hold', () => {
    expect(authority(transfer, orderFor(hold))).toEqual(mismatch);
    expect(authority(hold, orderFor(transfer))).toEqual(mismatch);
  });
});

describe('a decision of the card service', () => {
  const byCard = { ...hold, authorizationId: 'aut_1' };

  test('authorizes the approved hold under a mandate for the card', () => {
    expect(authority(byCard, decisionFor(byCard))).toEqual({
      by: 'mandate',
      grantee: { kind: 'card', id: 'crd_1' },
    });
  });

  test.each([
    ...deviations,
    ['another payment', { paymentId: 'pay_2' }] as const,
    ['another authorization', { authorizationId: 'aut_2' }] as const,
  ])('does not authorize %s', (_name, changes) => {
    expect(authority({ ...byCard, ...changes } as TakingCommand, decisionFor(byCard))).toEqual(mismatch);
  });

  test('authorizes no transfer and no refund', () => {
    for (const command of [transfer, refund])
      expect(authority(command, decisionFor(byCard))).toEqual({ code: 'evidence.kind_refused' });
  });
});

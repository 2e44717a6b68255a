import { describe, expect, test } from '@jest/globals';
import { newId, operations, wishOf } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';

import { authorityOf } from '../src/domain/authority.ts';
import {
  byCardOf,
  decisionFor,
  orderFor,
  requestedIn,
  requestFor,
  withIds,
  type TakingCommand,
} from './evidence-of.ts';
import { account } from './ledger-arbitraries.ts';

const asHold: TakingCommand & { kind: 'hold' } = {
  kind: 'hold',
  holdId: '',
  debitAccountId: 'acc_payer',
  creditAccountId: 'acc_payee',
  amountMinor: 1_250n,
  currency: 'EUR',
  paymentId: 'pay_1',
  authorizationId: undefined,
  expiresAtMs: 0,
};
const asTransfer: TakingCommand & { kind: 'transfer' } = {
  kind: 'transfer',
  transferId: '',
  debitAccountId: 'acc_payer',
  creditAccountId: 'acc_payee',
  amountMinor: 1_250n,
  currency: 'EUR',
  paymentId: 'pay_1',
  refund: false,
};
const owner = 'usr_owner';
/** The commands of an order over HTTP, with the ids that follow from it. */
const [hold, transfer] = [requestedIn(asHold, owner), requestedIn(asTransfer, owner)];
const refund = withIds({ ...asTransfer, refund: true });
const between = { ...asTransfer, paymentId: undefined };
const wish = wishOf({ subject: owner, sourceId: 'acc_payer', endToEndId: 'INVOICE-1' });
const capturer = { kind: 'subject', id: owner };
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
    ['a hold', hold, { wish, capturer }],
    ['a payment at once', transfer, { wish, capturer: { kind: 'automatic' } }],
    ['a refund', refund, {}],
    ['a transfer between accounts', between, {}],
  ])('authorizes %s that it requests', (_name, command, expected) => {
    expect(authority(command, requestFor(command, 'usr_owner'))).toEqual(expected);
  });

  test('names the payee as the capturer if it says so', () => {
    const asked = requestFor(hold, owner, 'r1', { capturedBy: 'payee' });
    expect(authority(hold, asked)).toEqual({ wish, capturer: { kind: 'payee' } });
  });

  test.each([
    ['payment', { paymentId: newId('pay') }],
    ['hold', { holdId: newId('hld') }],
  ])('authorizes no id of a %s that does not follow from it', (_name, changes) => {
    expect(authority({ ...hold, ...changes }, requestFor(hold, owner))).toEqual(mismatch);
  });

  test.each([hold, transfer, refund, between])(
    'authorizes nothing if another customer signed it',
    (command) => {
      expect(authority(command, requestFor(command, 'usr_thief'))).toEqual({
        code: 'ledger.account_not_found',
      });
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
  const grantee = { kind: 'producer', id: 'acme' };
  const [hold, transfer] = [withIds(asHold), withIds(asTransfer)];

  test.each([
    [hold, { grantee, capturer: grantee }],
    [transfer, { grantee, capturer: { kind: 'automatic' } }],
    [refund, { grantee }],
  ])('authorizes the requested movement under a mandate for the third party', (command, expected) => {
    expect(authority(command, orderFor(command))).toEqual(expected);
  });

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
    ['another transfer id', { transferId: newId('trf') }],
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
  const byCard = byCardOf(asHold, owner);

  test('authorizes the approved hold under a mandate for the card, as its holder ordered', () => {
    expect(authority(byCard, decisionFor(byCard, owner))).toEqual({
      grantee: { kind: 'card', id: 'crd_1' },
      wish: wishOf({ subject: owner, sourceId: 'crd_1', endToEndId: 'INVOICE-1' }),
      capturer,
    });
  });

  test.each([
    ...deviations,
    ['another payment', { paymentId: 'pay_2' }] as const,
    ['another authorization', { authorizationId: 'aut_2' }] as const,
    ['another hold', { holdId: 'hld_2' }] as const,
  ])('does not authorize %s', (_name, changes) => {
    const asked = { ...byCard, ...changes } as TakingCommand;
    expect(authority(asked, decisionFor(byCard, owner))).toEqual(mismatch);
  });

  test.each([
    ['another amount', { amountMinor: 1_251n }],
    ['another payee', { payee: { kind: 'account', accountId: 'acc_other' } }],
    ['another card', { source: { kind: 'card', cardId: 'crd_2' } }],
    ['another capturer', { capturedBy: 'payee' }],
    ['a capture at once', { capture: 'automatic' }],
    ['another end-to-end id', { endToEndId: 'INVOICE-2' }],
  ])('authorizes nothing if the holder ordered %s', (_name, changes) => {
    const decision = decisionFor(byCard, owner);
    const body = { ...(decision.request.body as object), ...changes };
    expect(authority(byCard, { ...decision, request: { ...decision.request, body } })).toEqual(mismatch);
  });

  test('authorizes nothing if somebody else ordered it', () => {
    const theirs = byCardOf(asHold, 'usr_thief');
    expect(authority(theirs, decisionFor(theirs, 'usr_thief'))).toEqual({ code: 'evidence.not_owner' });
  });

  test('authorizes no transfer and no refund', () => {
    for (const command of [transfer, refund])
      expect(authority(command, decisionFor(byCard, owner))).toEqual({ code: 'evidence.kind_refused' });
  });
});

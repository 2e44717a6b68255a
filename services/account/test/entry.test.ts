import { describe, expect, test } from '@jest/globals';

import { faultOfLegs, inOrder, legsOf, SUM_MAX_MINOR, transferOf, type Leg } from '../src/domain/entry.ts';

const leg = (accountId: string, amountMinor: bigint, currency: Leg['currency'] = 'EUR'): Leg => ({
  accountId,
  amountMinor,
  currency,
});
const payees = (count: number): Leg[] => Array.from({ length: count }, (_, at) => leg(`payee ${at}`, 1n));

describe('the validation of legs', () => {
  test.each<[string, Leg[]]>([
    ['a transfer', legsOf({ debitAccountId: 'a', creditAccountId: 'b', amountMinor: 5n, currency: 'EUR' })],
    ['a split payout', [leg('payer', -100n), leg('payee', 97n), leg('fees', 3n)]],
    [
      'an exchange',
      [
        leg('payer', -100n),
        leg('ours', 100n),
        leg('ours in dollars', -110n, 'USD'),
        leg('payee', 110n, 'USD'),
      ],
    ],
    ['16 legs', [leg('payer', -15n), ...payees(15)]],
    ['the largest sum', [leg('payer', -SUM_MAX_MINOR), leg('payee', SUM_MAX_MINOR)]],
  ])('allows %s', (_what, legs) => {
    expect(faultOfLegs(legs)).toBeUndefined();
  });

  test.each<[string, Leg[], string]>([
    ['no leg', [], 'ledger.entry_legs_invalid'],
    ['one leg', [leg('a', 1n)], 'ledger.entry_legs_invalid'],
    ['17 legs', [leg('payer', -16n), ...payees(16)], 'ledger.entry_legs_invalid'],
    ['a leg of zero', [leg('a', -1n), leg('b', 1n), leg('c', 0n)], 'ledger.entry_legs_invalid'],
    ['an account twice', [leg('a', -2n), leg('b', 1n), leg('b', 1n)], 'ledger.entry_legs_invalid'],
    ['a sum that is not zero', [leg('a', -2n), leg('b', 1n)], 'ledger.entry_unbalanced'],
    ['sums that are zero only together', [leg('a', -1n), leg('b', 1n, 'USD')], 'ledger.entry_unbalanced'],
    [
      'debits that JSON cannot carry',
      [leg('a', -SUM_MAX_MINOR), leg('b', -1n), leg('c', 1n), leg('d', SUM_MAX_MINOR)],
      'ledger.balance_limit_exceeded',
    ],
  ])('refuses %s', (_what, legs, code) => {
    expect(faultOfLegs(legs)).toBe(code);
  });
});

describe('the legs of an entry', () => {
  test('are ordered with debits first and each side by account', () => {
    const legs = [leg('b', 1n), leg('d', -1n), leg('a', 1n), leg('c', -1n)];
    expect(inOrder(legs).map(({ accountId }) => accountId)).toEqual(['c', 'd', 'a', 'b']);
  });

  test('form a transfer if they are two', () => {
    const transfer = { debitAccountId: 'z', creditAccountId: 'a', amountMinor: 5n, currency: 'EUR' as const };
    const legs = inOrder(legsOf(transfer)).map((one) => ({ ...one, sequence: 1 }));
    expect(transferOf({ entryId: 't1', legs })).toEqual({ transferId: 't1', ...transfer });
    expect(transferOf({ entryId: 'e1', legs: [...legs, { ...leg('c', 1n), sequence: 1 }] })).toBeUndefined();
  });
});

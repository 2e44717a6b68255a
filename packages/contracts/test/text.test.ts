import { describe, expect, test } from '@jest/globals';
import { newId, operations } from '../src/index.ts';

const order = {
  source: { kind: 'account', accountId: newId('acc') },
  payee: { kind: 'account', accountId: newId('acc') },
  amountMinor: 500,
  currency: 'EUR',
};

/** Returns the paths of the faults of a payment with this end-to-end id. */
const faultsOf = (endToEndId: string) =>
  operations.createPayment.body
    .safeParse({ ...order, endToEndId })
    .error?.issues.map(({ path }) => path.join('/')) ?? [];

describe('an end-to-end id', () => {
  test.each(['INV-1', 'INV 1', "A/?:().,'+ -Z"])('may be %j', (endToEndId) => {
    expect(faultsOf(endToEndId)).toEqual([]);
  });

  test.each(['', ' ', 'INV-1 ', ' INV-1', 'INV\n1', 'INV-1\n', 'INV\0', 'INV\ud800', 'INV\u202e1'])(
    'is refused with its place if it is %j',
    (endToEndId) => {
      expect(new Set(faultsOf(endToEndId))).toEqual(new Set(['endToEndId']));
    },
  );
});

describe('text from outside', () => {
  const { query } = operations.accountAuditList;

  test.each(['usr_1', 'Zoë', '👍', 'a b'])('may be %j', (actor) => {
    expect(query.safeParse({ actor }).success).toBe(true);
  });

  test.each(['\0', 'a\nb', '\u0085', '\ud83d', '\udc4d\ud83d'])(
    'is refused with its place if it is %j',
    (actor) => {
      expect(query.safeParse({ actor }).error?.issues.map(({ path }) => path)).toEqual([['actor']]);
    },
  );
});

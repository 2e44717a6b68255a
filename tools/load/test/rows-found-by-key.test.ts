import { describe, expect, test } from '@jest/globals';
import { rowsFoundByKey } from '../src/checks/rows-found-by-key.ts';

describe('the check of the rows that payments read', () => {
  test('holds if a payment reads few rows of each table', () => {
    expect(rowsFoundByKey({ 'payment.payment': 6.2, 'account.account': 3.9 })).toEqual({ holds: true });
  });

  test('names the table that a statement scans', () => {
    expect(rowsFoundByKey({ 'payment.payment': 199.3, 'account.account': 3.6 })).toEqual({
      holds: false,
      detail: '199.3 rows of payment.payment were read for each payment',
    });
  });
});

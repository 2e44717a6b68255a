import { describe, expect, test } from '@jest/globals';
import { countSpending, periodsOf, type Spending } from '@tallystick/contracts';
import fc from 'fast-check';

import { checkMandate, type Mandate } from '../src/domain/mandate.ts';

const mandate: Mandate = {
  mandateId: 'mdt_1',
  accountId: 'acc_1',
  ownerId: 'usr_1',
  grantee: { kind: 'producer', id: 'acme' },
  currency: 'EUR',
  limits: { perPaymentMinor: 100n, perDayMinor: 250n, perMonthMinor: 600n },
  status: 'active',
  grantedAtMs: 0,
};

/** Uses the mandate for one amount if the mandate allows it. */
function debit(usage: Spending, amountMinor: bigint, at: string | number, by = mandate): string | undefined {
  const nowMs = new Date(at).getTime();
  const code = checkMandate(by, usage, { amountMinor, currency: 'EUR', creditAccountId: 'acc_2' }, nowMs);
  if (code === undefined) countSpending(usage, mandate.mandateId, amountMinor, nowMs);
  return code;
}

describe('a mandate', () => {
  const noon = '2026-11-24T12:00:00Z';
  const movement = { amountMinor: 1n, currency: 'EUR', creditAccountId: 'acc_2' } as const;

  test.each([
    ['does not exist', undefined],
    ['was withdrawn', { ...mandate, status: 'withdrawn' as const }],
    ['is for another currency', { ...mandate, currency: 'USD' as const }],
    ['has ended', { ...mandate, endsAtMs: Date.parse('2026-11-24T12:00:00Z') }],
    ['names other payees', { ...mandate, payeeAccountIds: ['acc_3'] }],
  ])('allows no debit if it %s', (_name, given) => {
    expect(checkMandate(given, new Map(), movement, Date.parse(noon))).toBe('mandate.missing');
  });

  test('allows debits before its end to the payees that it names', () => {
    const bounded = { ...mandate, endsAtMs: Date.parse(noon) + 1, payeeAccountIds: ['acc_3', 'acc_2'] };
    expect(checkMandate(bounded, new Map(), movement, Date.parse(noon))).toBeUndefined();
  });

  test('allows payments up to its limit for a payment', () => {
    expect(debit(new Map(), 100n, noon)).toBeUndefined();
    expect(debit(new Map(), 101n, noon)).toBe('mandate.limit_exceeded');
  });

  test('allows its daily limit on each day (UTC)', () => {
    const usage: Spending = new Map();
    expect(debit(usage, 100n, noon)).toBeUndefined();
    expect(debit(usage, 100n, '2026-11-24T23:59:59.999Z')).toBeUndefined();
    expect(debit(usage, 51n, '2026-11-24T23:59:59.999Z')).toBe('mandate.limit_exceeded');
    expect(debit(usage, 50n, '2026-11-24T23:59:59.999Z')).toBeUndefined();
    expect(debit(usage, 100n, '2026-11-25T00:00:00Z')).toBeUndefined();
  });

  test('allows its monthly limit in each month (UTC)', () => {
    const usage: Spending = new Map();
    for (const day of ['01', '02', '29']) {
      expect(debit(usage, 100n, `2024-02-${day}T10:00:00Z`)).toBeUndefined();
      expect(debit(usage, 100n, `2024-02-${day}T11:00:00Z`)).toBeUndefined();
    }
    expect(debit(usage, 1n, '2024-02-29T23:59:59.999Z')).toBe('mandate.limit_exceeded');
    expect(debit(usage, 100n, '2024-03-01T00:00:00Z')).toBeUndefined();
  });

  test('bounds the spending by its limits for any sequence of payments', () => {
    const start = Date.UTC(2026, 0, 30);
    const tries = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 * 86_400_000 }), fc.bigInt(1n, 120n)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(tries, (made) => {
        const usage: Spending = new Map();
        const sums = new Map<string, bigint>();
        for (const [afterMs, amountMinor] of made.toSorted(([a], [b]) => a - b)) {
          if (debit(usage, amountMinor, start + afterMs) !== undefined) continue;
          expect(amountMinor).toBeLessThanOrEqual(mandate.limits.perPaymentMinor);
          for (const period of Object.values(periodsOf(start + afterMs)))
            sums.set(period, (sums.get(period) ?? 0n) + amountMinor);
        }
        for (const [period, sum] of sums) {
          const { perDayMinor, perMonthMinor } = mandate.limits;
          expect(sum).toBeLessThanOrEqual(period.length === 10 ? perDayMinor : perMonthMinor);
        }
      }),
    );
  });

  test('keeps each sum within 2^53-1 even if its limits are the largest', () => {
    const largest = BigInt(Number.MAX_SAFE_INTEGER);
    const limits = { perPaymentMinor: largest, perDayMinor: largest, perMonthMinor: largest };
    const amounts = fc.array(fc.bigInt(1n, largest), { maxLength: 20 });
    fc.assert(
      fc.property(amounts, (made) => {
        const usage: Spending = new Map();
        for (const [day, amountMinor] of made.entries())
          debit(usage, amountMinor, Date.UTC(2026, 10, day + 1), { ...mandate, limits });
        for (const usedMinor of usage.values()) expect(usedMinor).toBeLessThanOrEqual(largest);
      }),
    );
  });
});

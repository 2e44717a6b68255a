import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';

import {
  amountMinor,
  amountMinorOrZero,
  balanceMinor,
  currencies,
  currency,
  formatAmount,
  sumMinor,
  type Currency,
} from '../src/index.ts';

const MAX = BigInt(Number.MAX_SAFE_INTEGER);
const anyCurrency = fc.constantFrom(...(Object.keys(currencies) as Currency[]));

describe('an amount', () => {
  test('is a JSON integer on the wire and a bigint in code, without loss', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, MAX), (amount) => {
        const wire = z.encode(amountMinor, amount);
        expect(Number.isSafeInteger(wire)).toBe(true);
        expect(z.decode(amountMinor, JSON.parse(JSON.stringify(wire)) as number)).toBe(amount);
      }),
    );
  });

  test.each([0, -1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '1', null, true, [1], {}])(
    'is not %p',
    (wrong) => {
      expect(amountMinor.safeParse(wrong).success).toBe(false);
    },
  );

  test('above 2^53-1 is not written', () => {
    expect(() => z.encode(amountMinor, MAX + 1n)).toThrow();
    expect(() => z.encode(balanceMinor, -MAX - 1n)).toThrow();
  });

  test('may be zero in the schema for that, and a balance may be negative', () => {
    expect(amountMinorOrZero.parse(0)).toBe(0n);
    expect(amountMinorOrZero.safeParse(-1).success).toBe(false);
    expect(balanceMinor.parse(-5)).toBe(-5n);
  });
});

describe('a sum in an answer', () => {
  const wireOf = (sum: bigint): unknown => JSON.parse(JSON.stringify(z.encode(sumMinor, sum)));

  test('is written without loss however large it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.bigInt({ min: -(10n ** 39n), max: 10n ** 39n }), fc.bigInt(-MAX - 9n, MAX + 9n)),
        (sum) => {
          expect(z.decode(sumMinor, wireOf(sum) as number)).toBe(sum);
        },
      ),
    );
  });

  test('is a JSON integer up to 2^53-1 and a string of its digits beyond', () => {
    expect([MAX, -MAX, 0n].map(wireOf)).toEqual([Number(MAX), -Number(MAX), 0]);
    expect([MAX + 1n, -MAX - 1n].map(wireOf)).toEqual(['9007199254740992', '-9007199254740992']);
  });

  test.each(['12', '', '-', '1e30', '0x10', '01234567890123456789', 2 ** 53, 1.5, null])(
    'is not %p',
    (wrong) => {
      expect(sumMinor.safeParse(wrong).success).toBe(false);
    },
  );
});

describe('a currency', () => {
  test('is an active one of ISO 4217', () => {
    const known = new Set(Intl.supportedValuesOf('currency'));
    // Younger than the data of some runtimes.
    const young = new Set(['SLE', 'VED', 'XCG', 'ZWG']);
    const codes = Object.keys(currencies) as Currency[];
    expect(codes.filter((code) => !known.has(code) && !young.has(code))).toEqual([]);
    expect(codes.length).toBeGreaterThan(150);
    expect(codes).toEqual(codes.toSorted());
  });

  test.each(['XXX', 'XTS', 'XAU', 'XDR', 'CLF', 'USN', 'DEM', 'eur', ''])('is not %p', (code) => {
    expect(currency.safeParse(code).success).toBe(false);
  });
});

describe('a formatted amount', () => {
  test.each<[bigint, Currency, string]>([
    [1234n, 'EUR', '12.34 EUR'],
    [5n, 'EUR', '0.05 EUR'],
    [0n, 'CHF', '0.00 CHF'],
    [-1n, 'USD', '-0.01 USD'],
    [1234n, 'JPY', '1234 JPY'],
    [0n, 'KRW', '0 KRW'],
    [1234n, 'KWD', '1.234 KWD'],
    [-5n, 'TND', '-0.005 TND'],
  ])('%p of %s is %s', (amount, code, text) => {
    expect(formatAmount(amount, code)).toBe(text);
  });

  test('has the decimal places of its currency (ISO 4217) and keeps every unit', () => {
    fc.assert(
      fc.property(fc.bigInt(-MAX, MAX), anyCurrency, (amount, code) => {
        const [number = '', name] = formatAmount(amount, code).split(' ');
        expect(name).toBe(code);
        expect((number.split('.')[1] ?? '').length).toBe(currencies[code]);
        expect(BigInt(number.replace('.', ''))).toBe(amount);
      }),
    );
  });
});

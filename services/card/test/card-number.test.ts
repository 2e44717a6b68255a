import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { checkDigit } from '@tallystick/contracts';
import { accountDigits, buildNumber, NUMBER_LENGTH } from '../src/domain/card-number.ts';
import { hasValidCheckDigit } from './check-digit.ts';

const digits = (min: number, max = min) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));

describe('the check digit (ISO/IEC 7812-1 Annex B)', () => {
  test.each(['4111111111111111', '5555555555554444', '378282246310005', '6011111111111117'])(
    'is valid in the well-known test number %s',
    (number) => {
      expect(hasValidCheckDigit(number)).toBe(true);
    },
  );

  test('is valid for every number that ends with it', () => {
    fc.assert(
      fc.property(digits(11, 18), (payload) => {
        expect(hasValidCheckDigit(payload + checkDigit(payload))).toBe(true);
      }),
    );
  });

  test('detects any single wrong digit', () => {
    fc.assert(
      fc.property(digits(15), fc.nat(15), fc.integer({ min: 1, max: 9 }), (payload, at, by) => {
        const number = payload + checkDigit(payload);
        const wrong = (Number(number[at]) + by) % 10;
        expect(hasValidCheckDigit(number.slice(0, at) + wrong + number.slice(at + 1))).toBe(false);
      }),
    );
  });

  test('detects two transposed neighbours, except 0 and 9', () => {
    fc.assert(
      fc.property(digits(15), fc.nat(14), (payload, at) => {
        const number = payload + checkDigit(payload);
        const [left, right] = [number[at]!, number[at + 1]!];
        fc.pre(left !== right && ![left, right].toSorted().join('').includes('09'));
        expect(hasValidCheckDigit(number.slice(0, at) + right + left + number.slice(at + 2))).toBe(false);
      }),
    );
  });

  test.each([
    '',
    '4',
    '41111111111',
    '41111111111111111111',
    '4111 1111 1111 1111',
    '411111111111111x',
    '４１１１１１１１１１１１１１１１',
  ])('is invalid for text that is not a card number: %j', (text) => {
    expect(hasValidCheckDigit(text)).toBe(false);
  });
});

describe('an issued number', () => {
  test('starts with its issuer number and has 16 digits including the check digit', () => {
    const parts = digits(6, 8).chain((issuer) =>
      fc.tuple(fc.constant(issuer), digits(accountDigits(issuer))),
    );
    fc.assert(
      fc.property(parts, ([issuer, account]) => {
        const number = buildNumber(issuer, account);
        expect(number).toHaveLength(NUMBER_LENGTH);
        expect(number.startsWith(issuer)).toBe(true);
        expect(hasValidCheckDigit(number)).toBe(true);
      }),
    );
  });

  test('is not built from too few or too many digits', () => {
    expect(() => buildNumber('400000', '12345678')).toThrow(/16 digits/);
    expect(() => buildNumber('400000', '1234567890')).toThrow(/16 digits/);
  });
});

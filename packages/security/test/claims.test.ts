import { envelopeClaims } from '@tallystick/contracts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { areEnvelopeClaims } from '../src/envelope/claims.ts';

const good = {
  iss: 'payment',
  aud: 'account.commands.v1',
  sub: 'a',
  jti: 'b',
  iat: 1,
  exp: 2,
  type: 'payment.create',
  version: 1,
  txn: 'c',
  cause: 'd',
  data: {},
};
const names = [...Object.keys(good), 'unknown', 'toString', '__proto__'];

/** Values of a claim near the limits of validity. */
const value = fc.oneof(
  fc.constantFrom<unknown>('', 'x', '\u{7f}', '~', 'é', '\n', -1, 0, -0, 1, 9_999, 10_000, 0.5, 1e300, null),
  fc.integer({ min: 60, max: 260 }).map((length) => 'x'.repeat(length)),
  fc.jsonValue({ maxDepth: 1 }),
);
const claims = fc
  .record({
    without: fc.subarray(names),
    with: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 2 }),
  })
  .map(({ without, with: others }) => {
    const kept = Object.entries(good).filter(([name]) => !without.includes(name));
    // As in parsed JSON, where `__proto__` is an ordinary name.
    return JSON.parse(JSON.stringify({ ...Object.fromEntries(kept), ...others })) as unknown;
  });

describe('the fast check of claims', () => {
  const agrees = (payload: unknown): void => {
    const fits = envelopeClaims.safeParse(payload).success;
    const hasData = typeof payload === 'object' && payload !== null && Object.hasOwn(payload, 'data');
    expect(areEnvelopeClaims(payload)).toBe(fits && hasData);
  };

  test('accepts valid claims', () => {
    expect(areEnvelopeClaims(good)).toBe(true);
    const { exp: _exp, cause: _cause, ...event } = good;
    expect(areEnvelopeClaims(event)).toBe(true);
  });

  test('agrees with the schema for any invalid or missing claims', () => {
    fc.assert(
      fc.property(fc.oneof(claims, fc.jsonValue()), (payload) => agrees(payload)),
      { numRuns: 2_000 },
    );
  });

  test.each(Object.keys(good))('agrees with the schema for each value of %s', (name) => {
    fc.assert(fc.property(value, (one) => agrees({ ...good, [name]: one })));
  });
});

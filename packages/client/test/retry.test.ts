import { describe, expect, test } from '@jest/globals';
import { operations, type OperationDefinition } from '@tallystick/contracts';
import fc from 'fast-check';
import { ProblemError } from '../src/index.ts';
import { retryAfterMsOf } from '../src/problem-error.ts';
import { defaultRetryLimits, isRepeatable, pauseMsAfter } from '../src/retry.ts';

const all: OperationDefinition[] = Object.values(operations);
const unkeyed = all.filter(({ method, idempotent }) => method === 'POST' && !idempotent);
const lost = new TypeError('fetch failed');
const problem = (status: number, retryAfterMs?: number) =>
  new ProblemError('payment.create', status, undefined, { retryAfterMs });

describe('a request without an idempotency key', () => {
  test.each(unkeyed)('$id is not repeated unless it surely had no effect', (operation) => {
    expect(isRepeatable(operation, lost, defaultRetryLimits)).toBe(false);
    expect(isRepeatable(operation, problem(503), defaultRetryLimits)).toBe(false);
    expect(isRepeatable(operation, problem(429), defaultRetryLimits)).toBe(true);
  });
});

describe('any other request', () => {
  const keyed = all.filter((one) => !unkeyed.includes(one));

  test('is repeated if the answer is lost', () => {
    for (const operation of keyed) expect(isRepeatable(operation, lost, defaultRetryLimits)).toBe(true);
  });

  test('is not repeated if it is refused', () => {
    for (const status of [400, 401, 403, 404, 409, 410, 413, 415, 422, 500])
      expect(isRepeatable(operations.createPayment, problem(status), defaultRetryLimits)).toBe(false);
  });
});

describe('the pause between attempts', () => {
  test('is at least what the server asks for, and at most the limit beyond it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.nat(60_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, asked, random) => {
          const ms = pauseMsAfter(attempt, problem(503, asked), defaultRetryLimits, random);
          expect(ms).toBeGreaterThan(asked);
          expect(ms).toBeLessThanOrEqual(asked + defaultRetryLimits.pauseMaxMs);
        },
      ),
    );
  });
});

describe('Retry-After', () => {
  test.each([
    ['2', 2_000],
    ['Sun, 29 Nov 2026 12:00:05 GMT', 5_000],
    ['Sun, 29 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    [null, undefined],
  ])('%s is %s ms', (header, ms) => {
    expect(retryAfterMsOf(header, Date.UTC(2026, 10, 29, 12))).toBe(ms);
  });
});

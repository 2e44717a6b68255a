import { describe, expect, test } from '@jest/globals';
import { CodedError } from '@tallystick/contracts';
import fc from 'fast-check';
import { nextCursorOf, rangeOf } from '../src/index.ts';

const cursorOf = (text: string): string => Buffer.from(text).toString('base64url');
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,100}$/);

describe('the cursor of a list', () => {
  test('leads to the place that it was written for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999_999 }), id, (timeMs, rowId) => {
        const next = { timeMs, id: rowId };
        const cursor = nextCursorOf({ next })!;
        expect(rangeOf({ limit: 1, cursor }).after).toEqual(next);
      }),
    );
  });

  test('is absent on the last page', () => {
    expect(nextCursorOf({ next: undefined })).toBeUndefined();
  });

  test.each([
    ['no place', 'AAAA'],
    ['no time', cursorOf('pay_1')],
    ['a time that is too late', cursorOf('100000000000000 pay_1')],
    ['a time before the epoch', cursorOf('-1 pay_1')],
    ['an id of other characters', cursorOf("1 a'b")],
    ['an id with a NUL', cursorOf('1 a\0')],
    ['two ids', cursorOf('1 a b')],
  ])('is refused with %s', (_name, cursor) => {
    expect(() => rangeOf({ limit: 1, cursor })).toThrow(
      expect.objectContaining({
        code: 'request.invalid',
        faults: [expect.objectContaining({ path: '/query/cursor' })],
      }),
    );
  });

  test('is refused if its id has another form than those of the list', () => {
    const cursor = cursorOf('1 acc_1');
    expect(rangeOf({ limit: 1, cursor }, /^acc_/).after).toEqual({ timeMs: 1, id: 'acc_1' });
    expect(() => rangeOf({ limit: 1, cursor }, /^\d+$/)).toThrow(CodedError);
  });
});

describe('the times of a list', () => {
  test.each([
    ['2026-11-24T00:00:00Z', Date.UTC(2026, 10, 24)],
    ['2026-11-24T00:00:00.001Z', Date.UTC(2026, 10, 24) + 1],
    ['2026-11-24T00:00:00.001000Z', Date.UTC(2026, 10, 24) + 1],
    // Rows have whole milliseconds: none lies between this time and the next one.
    ['2026-11-24T00:00:00.0010001Z', Date.UTC(2026, 10, 24) + 2],
  ])('%s begins with the millisecond %i', (time, ms) => {
    expect(rangeOf({ limit: 1, from: time, to: time })).toMatchObject({ fromMs: ms, toMs: ms });
  });
});

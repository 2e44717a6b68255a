import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { v7 } from 'uuid';

import { id, idFrom, idPrefixes, newId, newJti, type IdPrefix } from '../src/index.ts';
import { idAt } from '../src/shapes/identifiers.ts';

const prefixes = Object.keys(idPrefixes) as IdPrefix[];

describe('an id', () => {
  test.each(prefixes)('of the kind %s matches only the schema of its kind', (prefix) => {
    const made = newId(prefix);
    for (const kind of prefixes) expect(id(kind).safeParse(made).success).toBe(kind === prefix);
  });

  test('is unique, and later ids sort later', () => {
    const ids = Array.from({ length: 2_000 }, () => newId('pay'));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
  });

  test.each([
    'pay_01890A5D-AC96-774B-BCCE-B302099A8057',
    'pay_01890a5d-ac96-474b-bcce-b302099a8057',
    'pay_01890a5dac96774bbcceb302099a8057',
    '01890a5d-ac96-774b-bcce-b302099a8057',
    ' pay_01890a5d-ac96-774b-bcce-b302099a8057',
    'pay_01890a5d-ac96-774b-bcce-b302099a8057\n',
    "pay_'; DROP TABLE payment; --",
  ])('does not match %j: it is a lower-case UUIDv7 with its prefix', (text) => {
    expect(id('pay').safeParse(text).success).toBe(false);
  });

  test('does not match text that only starts like an id', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (tail) => {
        expect(id('acc').safeParse(newId('acc') + tail).success).toBe(false);
      }),
    );
  });

  test('derived from others is deterministic, of its kind, and distinct for each input', () => {
    const [payment, other] = [newId('pay'), newId('pay')];
    const made = [
      idFrom('trf', payment),
      idFrom('trf', other),
      idFrom('trf', payment, 'a'),
      idFrom('trf', payment, 'b'),
    ];
    expect(made).toEqual([
      idFrom('trf', payment),
      idFrom('trf', other),
      idFrom('trf', payment, 'a'),
      idFrom('trf', payment, 'b'),
    ]);
    expect(new Set(made).size).toBe(made.length);
    for (const one of made) expect(id('trf').safeParse(one).success).toBe(true);
  });

  test('derived from values stays as earlier releases derived it, with the UUIDv7 of another implementation', () => {
    const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(times, fc.string(), (timeMs, value) => {
        const digest = createHash('sha256').update(`trf\n${value}`).digest();
        const options = { random: digest.subarray(0, 16), msecs: timeMs, seq: digest.readUInt32BE(16) };
        expect(idAt('trf', timeMs, value)).toBe(`trf_${v7(options)}`);
      }),
    );
  });

  test('derived from another has its time and sorts next to it', () => {
    const time = (one: string): string => one.slice(4, 17);
    const payment = newId('pay');
    expect(time(idFrom('trf', payment, 'a'))).toBe(time(payment));
  });

  test('of a message is unique', () => {
    expect(new Set(Array.from({ length: 1_000 }, newJti)).size).toBe(1_000);
  });
});

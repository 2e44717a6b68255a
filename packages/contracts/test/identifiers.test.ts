import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { id, idFrom, idPrefixes, newId, newJti, type IdPrefix } from '../src/index.ts';

const prefixes = Object.keys(idPrefixes) as IdPrefix[];

describe('an id', () => {
  test.each(prefixes)('of the kind %s is one of its kind and of no other', (prefix) => {
    const made = newId(prefix);
    for (const kind of prefixes) expect(id(kind).safeParse(made).success).toBe(kind === prefix);
  });

  test('is unique, and one made later sorts later', () => {
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
  ])('is never %j: lower case, a UUIDv7, and nothing around it', (text) => {
    expect(id('pay').safeParse(text).success).toBe(false);
  });

  test('is no text that happens to begin like one', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (tail) => {
        expect(id('acc').safeParse(newId('acc') + tail).success).toBe(false);
      }),
    );
  });

  test('that follows from others is the same each time, one of its kind, and another for each of them', () => {
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

  test('that follows from another has its time, and sorts with it', () => {
    const time = (one: string): string => one.slice(4, 17);
    const payment = newId('pay');
    expect(time(idFrom('trf', payment, 'a'))).toBe(time(payment));
  });

  test('of a message is unique', () => {
    expect(new Set(Array.from({ length: 1_000 }, newJti)).size).toBe(1_000);
  });
});

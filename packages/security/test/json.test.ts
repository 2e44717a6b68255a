import { describe, expect, test } from '@jest/globals';
import { amountMinor } from '@tallystick/contracts';
import fc from 'fast-check';
import * as z from 'zod';

import { JSON_MAX_DEPTH, parseExactJson, parseJson } from '../src/index.ts';
import { InexactNumber } from '../src/parse/json.ts';

describe.each([
  ['parseJson', parseJson],
  ['parseExactJson', parseExactJson],
])('external JSON, read by %s,', (_name, read) => {
  test('has the value that JSON.parse returns', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        fc.pre(!text.includes('__proto__'));
        // fast-check writes numbers such as 1e+21.
        fc.pre(!/\d[.eE]/.test(text));
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('never throws for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => read(text)).not.toThrow();
      }),
    );
  });

  test.each(['[', '{'])('is refused above the maximum depth: %s', (open) => {
    const nested = (depth: number): string =>
      open === '[' ? '['.repeat(depth) + ']'.repeat(depth) : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
    expect(read(nested(JSON_MAX_DEPTH))).toBeDefined();
    expect(read(nested(JSON_MAX_DEPTH + 1))).toBeUndefined();
    expect(read(nested(100_000))).toBeUndefined();
  });

  test('does not count brackets in strings as depth', () => {
    const text = JSON.stringify(`${'['.repeat(100)}"\\`);
    expect(read(text)).toBe(JSON.parse(text));
  });

  test.each(['{"__proto__":{}}', '{"a":[{"__proto__":null}]}', '{"\\u005f_proto__":1}'])(
    'is refused with the key __proto__: %s',
    (text) => {
      expect(read(text)).toBeUndefined();
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );

  test.each(['', '{', 'undefined', "{'a':1}", '{"a":1,}', 'NaN', '01'])(
    'is refused if it is not JSON: %j',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  test.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":{"c":[{"d":1,"d":2}]}}',
    '{"a":[],"b":"a","a":null}',
    String.raw`{"a":1,"\u0061":2}`,
    String.raw`{"\"":1,"\u0022":2}`,
  ])('is refused if it names a member twice (RFC 7493 §2.3): %s', (text) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(read(text)).toBeUndefined();
  });

  test('is refused for any document in which any member is named twice', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 }),
        fc.nat(),
        fc.jsonValue({ maxDepth: 2 }),
        (members, at, other) => {
          const names = Object.keys(members);
          const twice = names[at % names.length]!;
          fc.pre(!JSON.stringify([members, other]).includes('__proto__'));
          const text = JSON.stringify(members).replace(
            /\}$/,
            () => `,${JSON.stringify(twice)}:${JSON.stringify(other)}}`,
          );
          expect(read(text)).toBeUndefined();
          expect(read(`[[${text}]]`)).toBeUndefined();
        },
      ),
    );
  });

  test('may have equal names in different objects, and equal strings', () => {
    const text = '{"a":{"a":"a"},"b":[{"a":1},{"a":2}],"c":["a","a"]}';
    expect(read(text)).toEqual(JSON.parse(text));
  });
});

describe('a number in a document with amounts', () => {
  const schema = z.strictObject({ amountMinor });
  const decoded = (text: string): bigint | undefined => {
    const result = schema.safeParse(parseExactJson(`{"amountMinor":${text}}`));
    return result.success ? result.data.amountMinor : undefined;
  };

  test.each(['1', '100', String(Number.MAX_SAFE_INTEGER)])('is an amount if it is an integer: %s', (text) => {
    expect(decoded(text)).toBe(BigInt(text));
  });

  test.each([
    '1.0',
    '1e2',
    '1E2',
    '100e-2',
    '0.99999999999999999999',
    '1.00000000000000000001',
    '9007199254740992',
    '9007199254740993',
    '1e400',
    '-1',
    '0.5',
    '"1"',
  ])('is no amount if it is not one as written: %s', (text) => {
    expect(decoded(text)).toBeUndefined();
  });

  test('is never judged after it was rounded', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.nat(30), fc.nat(25), (whole, places, zeros) => {
        const text = `${whole}.${'0'.repeat(zeros)}${places}`;
        expect(decoded(text)).toBeUndefined();
      }),
    );
  });

  test.each(['1.0', '1e2', '-2E+3'])('is kept as written, wherever it stands: %s', (text) => {
    const kept = new InexactNumber(text);
    expect(parseExactJson(text)).toEqual(kept);
    expect(parseExactJson(`["1",true,[null,${text}]]`)).toEqual(['1', true, [null, kept]]);
    expect(parseExactJson(`{"a":{"b":${text}},"c":"e"}`)).toEqual({ a: { b: kept }, c: 'e' });
  });

  test('does not make strings with such digits unreadable', () => {
    expect(parseExactJson('{"a":"1.0e2","b":1.5}')).toEqual({ a: '1.0e2', b: 1.5 });
  });
});

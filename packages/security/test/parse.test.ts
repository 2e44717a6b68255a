import { describe, expect, test } from '@jest/globals';
import { amountMinor, type CodedError } from '@tallystick/contracts';
import fc from 'fast-check';
import * as z from 'zod';

import { JSON_MAX_DEPTH, parse, parseJson } from '../src/index.ts';

describe('external JSON', () => {
  test('has the value that JSON.parse returns', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('never throws for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseJson(text)).not.toThrow();
      }),
    );
  });

  test.each(['[', '{'])('is refused above the maximum depth: %s', (open) => {
    const nested = (depth: number): string =>
      open === '[' ? '['.repeat(depth) + ']'.repeat(depth) : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
    expect(parseJson(nested(JSON_MAX_DEPTH))).toBeDefined();
    expect(parseJson(nested(JSON_MAX_DEPTH + 1))).toBeUndefined();
    expect(parseJson(nested(100_000))).toBeUndefined();
  });

  test('does not count brackets in strings as depth', () => {
    const text = JSON.stringify(`${'['.repeat(100)}"\\`);
    expect(parseJson(text)).toBe(JSON.parse(text));
  });

  test.each(['{"__proto__":{}}', '{"a":[{"__proto__":null}]}', '{"\\u005f_proto__":1}'])(
    'is refused with the key __proto__: %s',
    (text) => {
      expect(parseJson(text)).toBeUndefined();
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );

  test.each(['', '{', 'undefined', "{'a':1}", '{"a":1,}', 'NaN', '01'])(
    'is refused if it is not JSON: %j',
    (text) => {
      expect(parseJson(text)).toBeUndefined();
    },
  );
});

describe('the parse boundary', () => {
  const schema = z.strictObject({ amountMinor, 'a/b~c': z.array(z.strictObject({ n: z.int() })) });
  const faultsOf = (input: unknown) => {
    try {
      parse(schema, input, 'request.invalid', '/body');
      return [];
    } catch (error) {
      return (error as CodedError).faults;
    }
  };

  test('decodes amounts', () => {
    expect(parse(schema, { amountMinor: 5, 'a/b~c': [] })).toEqual({ amountMinor: 5n, 'a/b~c': [] });
  });

  test('names each fault by its JSON Pointer (RFC 6901)', () => {
    const faults = faultsOf({ amountMinor: 0, 'a/b~c': [{ n: 1 }, { n: 'x' }] });
    expect(faults.map(({ path }) => path)).toEqual(['/body/amountMinor', '/body/a~1b~0c/1/n']);
  });

  test('names unknown fields, and never a value', () => {
    const secret = 'value-of-a-secret';
    const faults = faultsOf({ amountMinor: secret, 'a/b~c': secret, extra: secret });
    expect(JSON.stringify(faults)).toContain('extra');
    expect(JSON.stringify(faults)).not.toContain(secret);
  });

  test('has the code that the caller gives', () => {
    expect(() => parse(schema, null, 'envelope.schema_invalid')).toThrow(
      expect.objectContaining({ code: 'envelope.schema_invalid' }),
    );
  });
});

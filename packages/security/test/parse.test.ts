import { describe, expect, test } from '@jest/globals';
import { amountMinor, type CodedError } from '@tallystick/contracts';
import * as z from 'zod';

import { parse } from '../src/index.ts';

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

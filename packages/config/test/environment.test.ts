import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { parseEnvironment } from '../src/index.ts';

describe('the environment', () => {
  const schema = z.object({
    PORT: z.coerce.number().int().min(1),
    PASSWORD: z.string().min(20, 'must be 20 characters or more'),
    LEVEL: z.string().default('info'),
  });

  test('is parsed into a configuration; an empty variable counts as absent', () => {
    const environment = { PORT: '80', PASSWORD: 'x'.repeat(20), LEVEL: '' };
    expect(parseEnvironment(schema, environment)).toEqual({
      PORT: 80,
      PASSWORD: 'x'.repeat(20),
      LEVEL: 'info',
    });
  });

  test('is refused, if invalid, with every name and no value, for exit status 2', () => {
    const read = (): unknown => parseEnvironment(schema, { PORT: 'many', PASSWORD: 'hunter2' });
    expect(read).toThrow(expect.objectContaining({ name: 'ConfigurationError', exitCode: 2 }));
    expect(read).toThrow(/PORT.*PASSWORD: must be 20/s);
    expect(read).not.toThrow(/many|hunter2/);
    expect(() => parseEnvironment(schema, {})).toThrow(/PORT: is not set/);
  });
});

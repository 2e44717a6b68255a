import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';

import { asksForHelp, numberFlag, readFlags, SettingError } from '../src/index.ts';

const line = {
  command: 'npm run bake',
  schema: z.strictObject({
    loaves: numberFlag(z.int().min(1).max(10)).prefault('2'),
    with: z.array(z.enum(['rye', 'seeds'])).default([]),
    quick: z.boolean().default(false),
    names: z.array(z.string().regex(/^[a-z]+$/, 'is no name')).default([]),
  }),
  texts: ['loaves'],
  lists: ['with'],
  switches: ['quick'],
  rest: 'names',
};

describe('the arguments of a command', () => {
  test('are parsed by the schema', () => {
    expect(readFlags(line, [])).toEqual({ loaves: 2, with: [], quick: false, names: [] });
    expect(
      readFlags(line, ['--loaves', '3', '--with', 'rye', '--with=seeds', '--quick', 'ada', 'bo']),
    ).toEqual({ loaves: 3, with: ['rye', 'seeds'], quick: true, names: ['ada', 'bo'] });
  });

  test('are all refused at once, by the name of the flag', () => {
    const refused = (): unknown => readFlags(line, ['--loaves', '11', '--with', 'salt', 'ADA']);
    expect(refused).toThrow(SettingError);
    expect(refused).toThrow(/^--loaves: .+\n--with: .+\nis no name$/);
  });

  test('are refused if unknown, with a pointer to the list of known ones', () => {
    expect(() => readFlags(line, ['--fast'])).toThrow(
      "Unknown option '--fast'; npm run bake -- --help lists them",
    );
    expect(() => readFlags({ command: 'npm run bake', schema: z.strictObject({}) }, ['now'])).toThrow(/now/);
  });

  test('may ask for help, even next to wrong arguments', () => {
    expect(asksForHelp(['--loaves', 'many', '--help'])).toBe(true);
    expect(asksForHelp(['--loaves', '3'])).toBe(false);
  });
});

import { describe, expect, test } from '@jest/globals';
import { SettingError } from '@tallystick/stack';
import { parseFlags } from '../src/flags.ts';

describe('the flags of a rehearsal', () => {
  test('select the rehearsals to run, all by default', () => {
    expect(parseFlags([])).toMatchObject({ names: [], rate: 20, pause: 4, json: false });
    expect(parseFlags(['restore-all', 'rebuild-keys', '--pause', '1'])).toMatchObject({
      names: ['restore-all', 'rebuild-keys'],
      pause: 1,
    });
  });

  test.each([
    [['restore-everything'], /there is no rehearsal restore-everything/],
    [['--rate', 'fast'], /^--rate: /],
    [['--loss'], /--help lists them/],
  ])('are refused by name if wrong: %j', (args, fault) => {
    expect(() => parseFlags(args)).toThrow(SettingError);
    expect(() => parseFlags(args)).toThrow(fault);
  });
});

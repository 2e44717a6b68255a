import { describe, expect, test } from '@jest/globals';
import { SettingError } from '@tallystick/stack';
import { parseFlags } from '../src/flags.ts';

describe('the flags of a rehearsal', () => {
  test('name the rehearsals to run, all where none is named', () => {
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
  ])('that are wrong are named: %j', (args, fault) => {
    expect(() => parseFlags(args)).toThrow(SettingError);
    expect(() => parseFlags(args)).toThrow(fault);
  });
});

import { describe, expect, test } from '@jest/globals';
import { parseFlags } from '../src/flags.ts';

describe('the flags of npm run load', () => {
  test('have defaults', () => {
    expect(parseFlags([]).rate).toBeUndefined();
    expect(parseFlags([])).toMatchObject({
      seconds: 60,
      mix: 'account',
      via: 'kafka',
      hot: 0,
      accounts: 1_000,
      limitSeconds: 10,
      json: false,
    });
  });

  test('shorten the measurement of the limit for a short run', () => {
    expect(parseFlags(['--seconds', '10']).limitSeconds).toBe(2);
    expect(parseFlags(['--seconds', '10', '--limit-seconds', '5']).limitSeconds).toBe(5);
  });

  test.each([
    [['--rate', 'fast'], /--rate/],
    [['--rate', ''], /--rate/],
    [['--mix', 'cash'], /--mix/],
    [['--hot', '1.1'], /--hot/],
    [['--replicas', '3'], /--replicas/],
    [['--replicas', '2', '--stack', 'stack.json'], /--replicas/],
    [['--signatures', 'none'], /--signatures/],
    [['--seconds', '0'], /--seconds/],
    [['--rate', '5', '--search'], /--search/],
    [['--unknown'], /--unknown/],
  ])('%j is refused by name', (args, message) => {
    expect(() => parseFlags(args)).toThrow(message);
  });
});

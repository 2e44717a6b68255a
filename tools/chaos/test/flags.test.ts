import { describe, expect, test } from '@jest/globals';
import { parseFlags } from '../src/flags.ts';
import { parseSimulateFlags } from '../src/simulate-flags.ts';

describe('the flags of chaos', () => {
  test('have defaults, and select every fault', () => {
    const { minutes, pairs, rate, only, seed } = parseFlags([]);
    expect({ minutes, pairs, rate, seed }).toEqual({ minutes: 10, pairs: 0.3, rate: 50, seed: undefined });
    expect(only.length).toBeGreaterThan(10);
  });

  test('select faults by their names', () => {
    expect(parseFlags(['--only', 'kill-broker, pause-service']).only).toEqual([
      'kill-broker',
      'pause-service',
    ]);
  });

  test.each([
    [['--minutes', 'ten'], /--minutes/],
    [['--seed', '-1'], /--seed/],
    [['--pairs', '1.5'], /--pairs/],
    [['--only', 'kill-everybody'], /--only: there is no fault kill-everybody/],
    [['--faults'], /--faults/],
  ])('%j is refused by its name', (args, message) => {
    expect(() => parseFlags(args)).toThrow(message);
  });
});

describe('the flags of the simulation', () => {
  test('run 2000 seeds from the first, or a single named seed', () => {
    expect(parseSimulateFlags([])).toMatchObject({ first: 1, count: 2_000 });
    expect(parseSimulateFlags(['--seed', '81'])).toMatchObject({ first: 81, count: 1 });
    expect(parseSimulateFlags(['--seed', '81', '--seeds', '10'])).toMatchObject({ first: 81, count: 10 });
  });

  test.each([
    [['--seeds', '0'], /--seeds/],
    [['--seed', '1.5'], /--seed/],
  ])('%j is refused by its name', (args, message) => {
    expect(() => parseSimulateFlags(args)).toThrow(message);
  });
});

import { describe, expect, test } from '@jest/globals';
import type { LoadFlags } from '../src/command.ts';
import { limitSecondsOf, refuseExclusive } from '../src/main.ts';

const flags: LoadFlags = {
  seconds: 60,
  mix: 'account',
  via: 'kafka',
  hot: 0,
  accounts: 1_000,
  signatures: 'batch',
  replicas: 1,
  directory: '.tallystick/load',
};

describe('flags that exclude each other', () => {
  test.each<[Partial<LoadFlags>, string]>([
    [{ search: true, rate: 5 }, '--search excludes --rate'],
    [{ capacity: [5], rate: 5 }, '--capacity excludes --rate'],
    [{ capacity: [5], stack: 'stack.json' }, '--capacity excludes --stack'],
    [{ signatures: 'each', stack: 'stack.json' }, '--signatures excludes --stack'],
    [{ replicas: 2, stack: 'stack.json' }, '--replicas excludes --stack'],
  ])('%j', (given, message) => {
    expect(() => refuseExclusive({ ...flags, ...given })).toThrow(message);
  });
});

describe('the length of the limit', () => {
  test('is short for a short run, unless it is given', () => {
    expect(limitSecondsOf(flags)).toBe(10);
    expect(limitSecondsOf({ ...flags, seconds: 10 })).toBe(2);
    expect(limitSecondsOf({ ...flags, seconds: 10, limitSeconds: 5 })).toBe(5);
  });
});

import { describe, expect, test } from '@jest/globals';
import { faults } from '../src/faults/index.ts';
import { Random } from '../src/random.ts';
import { planFaults } from '../src/schedule.ts';

const plan = (seed: number, minutes = 10, pairs = 0.5) =>
  planFaults(seed, faults, minutes * 60_000, pairs).map(
    ({ dueMs, fault: { name }, on, seed: own, second }) => ({
      dueMs,
      name,
      on,
      own,
      second: second && { name: second.fault.name, on: second.on, own: second.seed, afterMs: second.afterMs },
    }),
  );

describe('the faults of a seed', () => {
  test('are the same each time, and differ for another seed', () => {
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  test('start the same way for any length of the run', () => {
    const short = plan(3, 1);
    expect(plan(3, 5).slice(0, short.length)).toEqual(short);
  });

  test('come up once each before any is repeated', () => {
    const first = plan(4)
      .slice(0, faults.length)
      .map(({ name }) => name);
    expect(new Set(first).size).toBe(faults.length);
  });

  test('are the same with any share of pairs', () => {
    const firsts = (pairs: number) => plan(6, 10, pairs).map(({ second: _second, ...first }) => first);
    expect(firsts(1)).toEqual(firsts(0));
  });

  test('start before the end of the run', () => {
    expect(Math.max(...plan(5, 1).map(({ dueMs }) => dueMs))).toBeLessThan(60_000);
  });

  test('draw their target first', () => {
    for (const fault of faults) {
      const seen = new Set(Array.from({ length: 50 }, (_, seed) => fault.on(new Random(seed))));
      expect(
        [...seen].every((on) =>
          /^(connections of )?(kafka|postgres|auth|account|card|payment)$|^messages$/.test(on),
        ),
      ).toBe(true);
    }
  });

  test('have unique names, each with a description', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    for (const { name, does } of faults) expect([name, does.length > 20]).toEqual([name, true]);
  });
});

describe('two faults at once', () => {
  const seconds = (pairs: number) =>
    plan(7, 60, pairs).flatMap(({ second, ...first }) => (second ? [{ first, second }] : []));

  test('come up as often as requested', () => {
    const count = plan(7, 60).length;
    expect(seconds(0)).toEqual([]);
    expect(seconds(0.3).length / count).toBeGreaterThan(0.2);
    expect(seconds(0.3).length / count).toBeLessThan(0.4);
  });

  test('have two different targets', () => {
    for (const { first, second } of seconds(1)) expect(second.on).not.toBe(first.on);
  });

  test('exclude faults that must be alone', () => {
    const alone = faults.filter(({ isAlone }) => isAlone).map(({ name }) => name);
    expect(alone).toEqual(['hostile-messages']);
    for (const { first, second } of seconds(1))
      for (const { name } of [first, second]) expect(alone).not.toContain(name);
  });

  test('do not occur if all faults have the same target', () => {
    const ofTheBroker = faults.filter(({ name }) => name.endsWith('-broker'));
    expect(planFaults(8, ofTheBroker, 60_000, 1).every(({ second }) => second === undefined)).toBe(true);
  });
});

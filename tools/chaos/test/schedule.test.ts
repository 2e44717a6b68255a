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
  test('are the same each time, and others for another seed', () => {
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  test('begin the same whatever the length of the run', () => {
    const short = plan(3, 1);
    expect(plan(3, 5).slice(0, short.length)).toEqual(short);
  });

  test('come up once each before one comes up again', () => {
    const first = plan(4)
      .slice(0, faults.length)
      .map(({ name }) => name);
    expect(new Set(first).size).toBe(faults.length);
  });

  test('are the same with any share of pairs', () => {
    const firsts = (pairs: number) => plan(6, 10, pairs).map(({ second: _second, ...first }) => first);
    expect(firsts(1)).toEqual(firsts(0));
  });

  test('end before the run does', () => {
    expect(Math.max(...plan(5, 1).map(({ dueMs }) => dueMs))).toBeLessThan(60_000);
  });

  test('say what they act on before they do: what they draw first', () => {
    for (const fault of faults) {
      const seen = new Set(Array.from({ length: 50 }, (_, seed) => fault.on(new Random(seed))));
      expect(
        [...seen].every((on) =>
          /^(connections of )?(kafka|postgres|auth|account|card|payment)$|^messages$/.test(on),
        ),
      ).toBe(true);
    }
  });

  test('have names of their own, each with what it does', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    for (const { name, does } of faults) expect([name, does.length > 20]).toEqual([name, true]);
  });
});

describe('two faults at once', () => {
  const seconds = (pairs: number) =>
    plan(7, 60, pairs).flatMap(({ second, ...first }) => (second ? [{ first, second }] : []));

  test('come up as often as was asked for', () => {
    const count = plan(7, 60).length;
    expect(seconds(0)).toEqual([]);
    expect(seconds(0.3).length / count).toBeGreaterThan(0.2);
    expect(seconds(0.3).length / count).toBeLessThan(0.4);
  });

  test('act on two things, never on the same', () => {
    for (const { first, second } of seconds(1)) expect(second.on).not.toBe(first.on);
  });

  test('leave alone what has to be alone', () => {
    const alone = faults.filter(({ isAlone }) => isAlone).map(({ name }) => name);
    expect(alone).toEqual(['hostile-messages']);
    for (const { first, second } of seconds(1))
      for (const { name } of [first, second]) expect(alone).not.toContain(name);
  });

  test('are not to be had of faults that all act on the same', () => {
    const ofTheBroker = faults.filter(({ name }) => name.endsWith('-broker'));
    expect(planFaults(8, ofTheBroker, 60_000, 1).every(({ second }) => second === undefined)).toBe(true);
  });
});

import { describe, expect, test } from '@jest/globals';
import { faults } from '../src/faults/index.ts';
import { planFaults } from '../src/schedule.ts';

const plan = (seed: number, minutes = 10) =>
  planFaults(seed, faults, minutes * 60_000).map(({ dueMs, fault: { name }, seed: own }) => ({
    dueMs,
    name,
    own,
  }));

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

  test('end before the run does', () => {
    expect(Math.max(...plan(5, 1).map(({ dueMs }) => dueMs))).toBeLessThan(60_000);
  });

  test('have names of their own, each with what it does', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    for (const { name, does } of faults) expect([name, does.length > 20]).toEqual([name, true]);
  });
});

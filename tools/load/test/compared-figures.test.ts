import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareTurns, median, type ComparedSummary } from '../src/compare/compared-figures.ts';

const summary = (changes: Partial<ComparedSummary> = {}): ComparedSummary => ({
  payments_per_second: 1_000,
  ratio_to_limit: 0.5,
  p50_ms: 40,
  p99_ms: 120,
  cpu_ms_per_payment: 1,
  cpu_seconds_of_others: 0,
  bytes_per_payment: 9_000,
  wal_bytes_per_payment: 4_000,
  rows_added_per_payment: { account: 6, payment: 6 },
  memory_mb_max_by_service: { account: 250, payment: 270, kafka: 440, generator: 420 },
  ...changes,
});
const figure = (name: string, turns: Parameters<typeof compareTurns>[0]) =>
  compareTurns(turns).find((one) => one.name === name);

describe('the comparison of two releases', () => {
  test('gives the median of the ratios of each turn, and their spread', () => {
    const turns = [900, 1_500, 2_000].map((now) => ({
      earlier: summary(),
      now: summary({ payments_per_second: now }),
    }));
    expect(figure('payments per second', turns)).toEqual({
      name: 'payments per second',
      moreIsBetter: true,
      earlier: 1_000,
      now: 1_500,
      ratio: 1.5,
      ratioLeast: 0.9,
      ratioMost: 2,
    });
  });

  test('adds the rows of all services, and takes the memory of the largest', () => {
    const turns = [{ earlier: summary(), now: summary({ rows_added_per_payment: { payment: 6 } }) }];
    expect(figure('rows added per payment', turns)).toMatchObject({ earlier: 12, now: 6, ratio: 0.5 });
    expect(figure('memory of the largest service, MB', turns)).toMatchObject({ earlier: 270 });
  });

  test('leaves out what a run did not take', () => {
    const turns = [{ earlier: summary({ bytes_per_payment: null }), now: summary() }];
    expect(figure('bytes on Kafka per payment', turns)).toBeUndefined();
  });

  test('has ratios of one for equal releases, in a faster and a slower hour', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1 }), (rates) => {
        const turns = rates.map((rate) => {
          const run = summary({ payments_per_second: rate });
          return { earlier: run, now: run };
        });
        for (const { ratio, ratioLeast, ratioMost } of compareTurns(turns))
          expect([ratio, ratioLeast, ratioMost]).toEqual([1, 1, 1]);
      }),
    );
  });
});

test('the median of an even number is the mean of the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunksOf } from '../src/consume/chunks.ts';

const bytesMax = 4_000;
const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/** Cuts any sizes, with any number of items a run, and holds `law` against what comes of it. */
function forAnySizes(law: (runs: number[][], sizes: readonly number[], itemsMax: number) => void): void {
  fc.assert(
    fc.property(
      fc.array(fc.nat(3_000), { maxLength: 50 }),
      fc.integer({ min: 1, max: 8 }),
      (sizes, itemsMax) =>
        law(
          chunksOf(sizes, (size) => size, { bytesMax, itemsMax }),
          sizes,
          itemsMax,
        ),
    ),
  );
}

test('a list is cut by bytes and by number, none is lost, and order is kept', () => {
  forAnySizes((runs, sizes, itemsMax) => {
    expect(runs.flat()).toEqual(sizes);
    for (const run of runs) {
      expect(run.length).toBeGreaterThan(0);
      expect(run.length).toBeLessThanOrEqual(itemsMax);
      expect(run.length === 1 || sum(run) <= bytesMax).toBe(true);
    }
  });
});

test('runs are as long as they may be: none could take the first of the next', () => {
  forAnySizes((runs, _sizes, itemsMax) => {
    runs.slice(1).forEach((run, at) => {
      const before = runs[at]!;
      expect(before.length === itemsMax || sum(before) + run[0]! > bytesMax).toBe(true);
    });
  });
});

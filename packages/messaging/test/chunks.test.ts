import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunksOf } from '../src/consume/chunks.ts';

const bytesMax = 4_000;
const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/** Splits lists of arbitrary sizes, and checks `law` on the resulting chunks. */
function forAnySizes(law: (chunks: number[][], sizes: readonly number[], itemsMax: number) => void): void {
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

test('splits a list by bytes and by number, and keeps all items in order', () => {
  forAnySizes((chunks, sizes, itemsMax) => {
    expect(chunks.flat()).toEqual(sizes);
    for (const chunk of chunks) {
      expect(chunk.length).toBeGreaterThan(0);
      expect(chunk.length).toBeLessThanOrEqual(itemsMax);
      expect(chunk.length === 1 || sum(chunk) <= bytesMax).toBe(true);
    }
  });
});

test('makes chunks as long as possible', () => {
  forAnySizes((chunks, _sizes, itemsMax) => {
    chunks.slice(1).forEach((chunk, at) => {
      const before = chunks[at]!;
      expect(before.length === itemsMax || sum(before) + chunk[0]! > bytesMax).toBe(true);
    });
  });
});

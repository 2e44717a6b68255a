/**
 * Splits a list into chunks within limits, in order.
 * @param bytesOf the size of an item
 * @returns chunks of at least one item: an item larger than `bytesMax` is a chunk alone
 */
export function chunksOf<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
  { bytesMax, itemsMax = Infinity }: { bytesMax: number; itemsMax?: number },
): Item[][] {
  const runs: Item[][] = [];
  let run: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    if (run.length > 0 && (run.length >= itemsMax || bytes + size > bytesMax)) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(item);
    bytes += size;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

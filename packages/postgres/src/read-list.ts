import type { ListPage, ListPlace, ListRange } from './list.ts';

/**
 * Reads a list page by page, as a client does.
 * @param between called before each page but the first
 */
export async function readList<Item>(
  pageOf: (range: ListRange) => Promise<ListPage<Item>>,
  range: Partial<ListRange> & Pick<ListRange, 'limit'>,
  between: () => Promise<unknown> = async () => undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  let after: ListPlace | undefined;
  do {
    if (after !== undefined) await between();
    const { items, next } = await pageOf({ fromMs: undefined, toMs: undefined, ...range, after });
    if (items.length > range.limit) throw new Error(`a page has ${items.length} rows`);
    all.push(...items);
    after = next;
  } while (after !== undefined);
  return all;
}

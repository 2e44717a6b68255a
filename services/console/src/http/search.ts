import type { Page } from './page.ts';

/** Returns the path of the page about a searched id: the first page that knows such ids. */
export function searchTarget(pages: readonly Page[], text: string): string | undefined {
  if (text === '') return undefined;
  for (const { find } of pages) {
    const target = find?.(text);
    if (target !== undefined) return target;
  }
  return undefined;
}

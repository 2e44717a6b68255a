import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocksOf, type CodeBlock } from '../src/pages/code-blocks.ts';
import { pagesOf } from '../src/pages/page.ts';
import { ROOT } from '../src/site/places.ts';
import { documentSlugs, sections } from '../src/site/sections.ts';
import { servedFiles } from '../src/site/write-site.ts';

/** A block of code of the site, with its place. */
export interface ShownBlock extends CodeBlock {
  /** The document with its line, or the address of a derived page. */
  place: string;
}

/** Lists every block of the documents that the site shows. */
export function blocksOfDocuments(): ShownBlock[] {
  return [...documentSlugs().keys()].flatMap((source) =>
    codeBlocksOf(readFileSync(join(ROOT, source), 'utf8')).map((block) => ({
      ...block,
      place: `${source}:${block.line}`,
    })),
  );
}

/** Lists every block of the pages that derive from contracts. */
export async function blocksOfReference(): Promise<ShownBlock[]> {
  const { sidebar } = await sections({ pages: documentSlugs(), files: servedFiles() });
  return pagesOf(sidebar)
    .filter(({ format }) => format === 'mdx')
    .flatMap(({ slug, body }) =>
      codeBlocksOf(body).map((block) => ({ ...block, place: `/${slug}/:${block.line}` })),
    );
}

import { copyFileSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Addresses } from '../pages/links.ts';
import { withScrollingParts } from '../pages/scrolling-parts.ts';
import { pagesOf, type Page, type Section } from '../pages/page.ts';
import { places, ROOT } from './places.ts';
import { documentSlugs, sections } from './sections.ts';

/** Files that the site serves as they are: where they lie in the repository, and where on the site. */
const served: readonly { from: string; to: string }[] = [
  { from: 'docs/site/files', to: '' },
  { from: 'docs/interfaces', to: 'interfaces' },
  { from: 'docs/pictures', to: 'pictures' },
  { from: 'packages/security/vectors', to: 'vectors' },
];

/** An entry of Starlight's sidebar. */
type SidebarEntry =
  { label: string; link: string } | { label: string; collapsed: boolean; items: SidebarEntry[] };

/** Writes the pages and files of the site into its project, in place of those that are there. @returns how many pages */
export async function writeSite(): Promise<number> {
  const files = servedFiles();
  const addresses: Addresses = { pages: documentSlugs(), files };
  const { home, sidebar } = await sections(addresses);
  const pages = [home, ...pagesOf(sidebar)];
  refuseDoubles(pages);
  for (const folder of [places.content, places.files]) rmSync(folder, { recursive: true, force: true });
  for (const page of pages)
    write(join(places.content, `${page.slug || 'index'}.${page.format}`), textOf(page));
  for (const [from, address] of files) {
    const to = join(places.files, address);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(ROOT, from), to);
  }
  write(places.sidebar, JSON.stringify(sidebar.map(sidebarEntry), null, 2));
  return pages.length;
}

/** Returns the address of each file that the site serves, by its path in the repository. */
export function servedFiles(): Map<string, string> {
  return new Map(
    served.flatMap(({ from, to }) =>
      globSync('**/*.{json,png,svg}', { cwd: join(ROOT, from) }).map(
        (path) => [`${from}/${path}`, posix.join('/', to, path)] as const,
      ),
    ),
  );
}

function textOf({ title, description, settings, body }: Page): string {
  const front = { title, description, ...settings };
  // JSON is YAML.
  const lines = Object.entries(front).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `---\n${lines.join('\n')}\n---\n\n${withScrollingParts(body)}\n`;
}

function sidebarEntry(entry: Page | Section): SidebarEntry {
  if ('entries' in entry) {
    const { label, collapsed = false, entries } = entry;
    return { label, collapsed, items: entries.map(sidebarEntry) };
  }
  return { label: entry.label ?? entry.title, link: `/${entry.slug}/` };
}

function refuseDoubles(pages: readonly Page[]): void {
  const seen = new Set<string>();
  for (const { slug } of pages) {
    if (seen.has(slug)) throw new Error(`two pages have the address /${slug}/`);
    seen.add(slug);
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

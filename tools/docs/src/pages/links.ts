import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from '../site/places.ts';
import { mapProse } from './code-blocks.ts';

/** The addresses of documents and files of the repository on the site. */
export interface Addresses {
  /** Slugs of pages, by the path of their document. */
  pages: ReadonlyMap<string, string>;
  /** Addresses of files that the site serves, by their path. */
  files: ReadonlyMap<string, string>;
}

const LINK = /\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g;
const CODE_AS_TEXT = /\[(`[^`\n]+`)\]\(([^()\s]+)\)/g;
const DEFINITION = /^\[([^\]]+)\]: (\S+)$/gm;

/**
 * Makes the links of a document lead to pages of the site. A link to a file that the site does not have becomes its text
 * with the path in the repository.
 * @param source the path of the document in the repository
 * @throws Error if a link leads to no file of the repository
 */
export function siteLinks(markdown: string, source: string, addresses: Addresses): string {
  const write = (text: string, target: string): string => {
    const address = addressOf(target, source, addresses);
    if (address.url !== undefined) return `[${text}](${address.url})`;
    return text.replaceAll('`', '') === address.path
      ? `\`${address.path}\``
      : `${text} (\`${address.path}\`)`;
  };
  const withoutDefinitions = inlineDefinitions(markdown);
  const codeLinked = withoutDefinitions.replace(CODE_AS_TEXT, (_, text: string, target: string) =>
    write(text, target),
  );
  return mapProse(codeLinked, (prose) =>
    prose.replace(LINK, (whole, text: string, target: string) =>
      target.startsWith('/') ? whole : write(text, target),
    ),
  );
}

/** Replaces links by reference, `[text][name]`, by links in their place. */
function inlineDefinitions(markdown: string): string {
  const targets = new Map(
    [...markdown.matchAll(DEFINITION)].map(([, name, target]) => [name!, target!] as const),
  );
  if (targets.size === 0) return markdown;
  return markdown
    .replace(DEFINITION, '')
    .replaceAll(/\[([^\]]+)\]\[([^\]]+)\]/g, (whole, text: string, name: string) =>
      targets.has(name) ? `[${text}](${targets.get(name)!})` : whole,
    );
}

function addressOf(
  target: string,
  source: string,
  { pages, files }: Addresses,
): { url: string; path?: undefined } | { url?: undefined; path: string } {
  if (/^(https?:|mailto:|#|\/)/.test(target)) return { url: target };
  const [relative = '', anchor] = target.split('#');
  const path = posix.normalize(posix.join(posix.dirname(source), relative)).replace(/\/$/, '');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const slug = pages.get(path) ?? pages.get(`${path}/README.md`);
  if (slug !== undefined) return { url: `${slug === '' ? '/' : `/${slug}/`}${hash}` };
  const file = files.get(path);
  if (file !== undefined) return { url: file };
  if (!existsSync(join(ROOT, path))) throw new Error(`${source}: there is no ${path}`);
  return { path: statSync(join(ROOT, path)).isDirectory() ? `${path}/` : path };
}

import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from '../site/places.ts';
import { mapProse } from './code-blocks.ts';
import { siteLinks, type Addresses } from './links.ts';
import type { Page } from './page.ts';

const TITLE = /^# (.+)$/m;
const COMMENT = /<!--.*?-->\n*/gs;
const INCLUDE = /^<!-- include: (\S+?)(?:#(\S+))? -->$/gm;
const DESCRIPTION_LENGTH_MAX = 160;

/** Returns the address of a document: `packages/client/README.md` → `packages/client`. */
export function slugOf(source: string): string {
  return source
    .replace(/^docs\//, '')
    .replace(/\.md$/, '')
    .replace(/(^|\/)README$/, '')
    .toLowerCase();
}

/**
 * Makes a page of a document of the repository: `<!-- include: file.md#heading -->` puts a section of another document
 * there.
 * @param source its path in the repository
 * @throws Error if it has no title, or a link or an included section leads nowhere
 */
export function documentPage(source: string, addresses: Addresses): Page {
  const markdown = readFileSync(join(ROOT, source), 'utf8');
  const title = TITLE.exec(markdown)?.[1];
  if (title === undefined) throw new Error(`${source} has no title`);
  const included = markdown.replace(INCLUDE, (_, path: string, heading: string | undefined) => {
    const from = posix.join(posix.dirname(source), path);
    const text = readFileSync(join(ROOT, from), 'utf8');
    return siteLinks(heading === undefined ? text : sectionOf(text, heading, from), from, addresses);
  });
  const shown = mapProse(included.replace(TITLE, ''), (prose) => prose.replace(COMMENT, ''));
  const body = siteLinks(shown, source, addresses).trim();
  return {
    slug: addresses.pages.get(source) ?? slugOf(source),
    title: title.replaceAll('`', ''),
    description: descriptionOf(body),
    body,
    format: 'md',
  };
}

/** Returns the content of a section without its heading. @throws Error if there is none */
function sectionOf(markdown: string, anchor: string, source: string): string {
  const lines = markdown.split('\n');
  const level = (line: string): number => /^(#+) /.exec(line)?.[1]!.length ?? 0;
  const at = lines.findIndex((line) => level(line) > 0 && anchorOf(line.replace(/^#+ /, '')) === anchor);
  if (at === -1) throw new Error(`${source} has no section #${anchor}`);
  const next = lines.findIndex(
    (line, index) => index > at && level(line) > 0 && level(line) <= level(lines[at]!),
  );
  return lines
    .slice(at + 1, next === -1 ? undefined : next)
    .join('\n')
    .trim();
}

/** Returns the anchor of a heading, as GitHub makes it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

function descriptionOf(body: string): string {
  const paragraph =
    body.split(/\n\n+/).find((part) => /^[A-Z`*[]/.test(part) && !part.startsWith('```')) ?? '';
  const text = paragraph
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .replaceAll(/\s+/g, ' ');
  const sentence = /^.*?[.:](?= |$)/.exec(text)?.[0] ?? text;
  return sentence.length <= DESCRIPTION_LENGTH_MAX
    ? sentence
    : `${sentence.slice(0, DESCRIPTION_LENGTH_MAX - 1)}…`;
}

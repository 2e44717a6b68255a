import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const LINK = /<(?:a|link|img|script)\b[^>]*?\s(?:href|src)="([^"]*)"/g;
const ID = /\sid="([^"]+)"/g;

/**
 * Finds the links within a built site that lead nowhere: to no file, or to no place of a page.
 * @param directory of the built site
 * @returns a line for each
 */
export function deadLinks(directory: string): string[] {
  const files = new Set(globSync('**/*', { cwd: directory }).map((path) => `/${path}`));
  const pages = new Map(
    [...files].filter((path) => path.endsWith('.html')).map((path) => [path, pageAt(join(directory, path))]),
  );
  return [...pages].flatMap(([from, { links }]) =>
    links.flatMap((link) => {
      const [path = '', anchor = ''] = link.split('#');
      const target = path === '' ? from : fileOf(posix.resolve(posix.dirname(from), decodeURI(path)), path);
      if (!files.has(target)) return [`${from}: there is no ${link}`];
      const ids = pages.get(target)?.ids;
      if (anchor !== '' && ids?.has(decodeURIComponent(anchor)) === false)
        return [`${from}: there is no place ${link}`];
      return [];
    }),
  );
}

function fileOf(path: string, link: string): string {
  return link.endsWith('/') ? posix.join(path, 'index.html') : path;
}

function pageAt(file: string): { links: string[]; ids: Set<string> } {
  const html = readFileSync(file, 'utf8');
  return {
    links: [...html.matchAll(LINK)]
      .map(([, link]) =>
        link!
          .replaceAll('&#38;', '&')
          .replaceAll('&amp;', '&')
          .replace(/\?[^#]*/, ''),
      )
      .filter((link) => !/^(?:[a-z]+:|\/\/)/.test(link)),
    ids: new Set([...html.matchAll(ID)].map(([, id]) => id!)),
  };
}

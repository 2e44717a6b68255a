/** The first segments of the paths of auth's pages and of its OAuth and OpenID Connect endpoints. */
export const PAGE_FOLDERS: readonly string[] = ['login', 'oauth', '.well-known'];

/** Returns whether a path is that of a page or of an endpoint of OAuth. */
export function isPagePath(path: string): boolean {
  const [, first = ''] = path.split('/');
  return PAGE_FOLDERS.includes(first);
}

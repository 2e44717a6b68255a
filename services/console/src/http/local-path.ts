/**
 * Returns a path of the console itself; anything else, such as the address of another site, is replaced by the start
 * page.
 */
export function localPath(text: string | undefined): string {
  const base = 'http://console.invalid';
  // Browsers read `//host` and `/\host` as another site.
  if (text === undefined || !/^\/(?![/\\])/.test(text)) return '/';
  const url = URL.parse(text, base);
  return url !== null && url.origin === base ? url.pathname + url.search : '/';
}

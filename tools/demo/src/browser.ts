/** A browser without scripts, with a cookie jar for one host. It leaves redirects to its user. */
export interface Browser {
  get(url: URL, headers?: Record<string, string>): Promise<Response>;
  /** Sends a form as a page of the same origin does. @param headers replace its own, such as `origin` */
  post(url: URL, fields: URLSearchParams, headers?: Record<string, string>): Promise<Response>;
  /** Returns the cookies that it sends to an address. */
  cookiesFor(url: URL): string[];
}

/** Creates a browser without cookies. */
export function createBrowser(): Browser {
  const jar = new Map<string, { value: string; path: string }>();
  const cookiesFor = (url: URL): string[] =>
    [...jar]
      .filter(
        ([, { path }]) =>
          url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`),
      )
      .map(([key, { value }]) => `${key.split(';')[0]}=${value}`);
  const visit = async (url: URL, { headers: further, ...init }: RequestInit): Promise<Response> => {
    const cookies = cookiesFor(url);
    const headers = {
      accept: 'text/html',
      origin: url.origin,
      ...(cookies.length ? { cookie: cookies.join('; ') } : {}),
      ...(further as Record<string, string> | undefined),
    };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(line);
    return response;
  };
  const keep = (line: string): void => {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const attribute = (name: string): string | undefined =>
      attributes.find((text) => text.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const equals = pair.indexOf('=');
    const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    const path = attribute('path') ?? '/';
    const expires = attribute('expires');
    if (expires !== undefined && Date.parse(expires) <= Date.now()) jar.delete(`${name};${path}`);
    else jar.set(`${name};${path}`, { value, path });
  };
  return {
    get: (url, headers = {}) => visit(url, { method: 'GET', headers }),
    post: (url, fields, headers = {}) => visit(url, { method: 'POST', body: fields, headers }),
    cookiesFor,
  };
}

/** Returns the forms of a page with the values of their fields. */
export function formsOf(page: string): { action: string; fields: URLSearchParams }[] {
  return [...page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, head = '', inner = '']) => {
    const fields = new URLSearchParams();
    for (const [tag] of inner.matchAll(/<input\b[^>]*>/gs)) {
      fields.append(attributeOf(tag, 'name') ?? '', attributeOf(tag, 'value') ?? '');
    }
    return { action: attributeOf(head, 'action') ?? '', fields };
  });
}

function attributeOf(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescaped(value);
}

/** Returns text of a page without its entities. */
export function unescaped(text: string): string {
  const entities: Record<string, string> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
    '&amp;': '&',
  };
  return text.replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity] ?? entity);
}

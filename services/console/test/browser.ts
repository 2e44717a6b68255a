/** What a browser shows after its last redirect. */
export interface Shown {
  url: URL;
  status: number;
  headers: Headers;
  body: string;
}

/** A browser without scripts: it keeps the cookies of each origin, follows redirects, and fills in real forms. */
export class Browser {
  readonly #cookies = new Map<string, { origin: string; path: string; pair: string }>();

  open(url: string | URL): Promise<Shown> {
    return this.#visit(new URL(url), { method: 'GET' });
  }

  /** Returns the value of a cookie. */
  cookie(name: string): string | undefined {
    const found = [...this.#cookies.values()].find(({ pair }) => pair.startsWith(`${name}=`));
    return found?.pair.slice(name.length + 1);
  }

  /** Submits the form of a page whose action has this ending, with these fields filled in. */
  submit(
    page: Shown,
    actionEnd: string,
    fill: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Shown> {
    const form = formsOf(page.body).find(({ action }) => action.endsWith(actionEnd));
    if (form === undefined) throw new Error(`no form to ${actionEnd} on ${page.url.href}: ${page.body}`);
    for (const [name, value] of Object.entries(fill)) form.fields.set(name, value);
    return this.#visit(new URL(form.action, page.url), {
      method: 'POST',
      body: form.fields,
      headers: { origin: page.url.origin, ...headers },
    });
  }

  async #visit(url: URL, init: { method: string; body?: URLSearchParams; headers?: object }): Promise<Shown> {
    const cookies = [...this.#cookies.values()]
      .filter(({ origin, path }) => origin === url.origin && url.pathname.startsWith(path))
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ pair }) => pair);
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: cookies.join('; '), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(url.origin, line);
    const location = response.headers.get('location');
    if (location !== null) {
      await response.body?.cancel();
      return this.#visit(new URL(location, url), { method: 'GET' });
    }
    return { url, status: response.status, headers: response.headers, body: await response.text() };
  }

  #keep(origin: string, line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const valueOf = (name: string): string | undefined =>
      attributes.find((text) => text.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const path = valueOf('path') ?? '/';
    const key = `${origin} ${pair.split('=')[0]} ${path}`;
    const expires = valueOf('expires');
    if (expires !== undefined && Date.parse(expires) <= Date.now()) this.#cookies.delete(key);
    else this.#cookies.set(key, { origin, path, pair });
  }
}

function formsOf(page: string): { action: string; fields: URLSearchParams }[] {
  return [...page.matchAll(/<form\b[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map(
    ([, action = '', inner = '']) => {
      const fields = new URLSearchParams();
      for (const [tag] of inner.matchAll(/<input\b[^>]*>/gs)) {
        const name = /\bname="([^"]*)"/.exec(tag)?.[1];
        if (name !== undefined) fields.append(name, /\bvalue="([^"]*)"/.exec(tag)?.[1] ?? '');
      }
      return { action: action.replaceAll('&amp;', '&'), fields };
    },
  );
}

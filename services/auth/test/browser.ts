/** The result of a navigation: a page, or the target of the last redirect. */
export interface Shown {
  url: URL;
  status: number;
  headers: Headers;
  body: string;
  /** The target of a redirect away from the server under test. */
  left?: URL;
}

interface Sent {
  method: 'GET' | 'POST';
  body?: URLSearchParams;
  headers?: Record<string, string>;
}

/** A browser without scripts: it stores cookies by path, follows redirects on its own host, and fills in real forms. */
export class Browser {
  readonly #cookies = new Map<string, { path: string; pair: string }>();

  async open(url: string | URL): Promise<Shown> {
    return this.#visit(new URL(url), { method: 'GET' });
  }

  /** Submits the form of the page whose action has this ending, with these fields filled in, by its only button or by this one. */
  async submit(
    page: Shown,
    actionEnd: string,
    fill: Record<string, string> = {},
    headers: Record<string, string> = {},
    button: Record<string, string> = {},
  ): Promise<Shown> {
    const form = formsOf(page.body).find(({ action }) => action.endsWith(actionEnd));
    if (form === undefined) throw new Error(`no form to ${actionEnd} on: ${page.body}`);
    for (const [name, value] of Object.entries(fill)) {
      if (!form.fields.has(name)) throw new Error(`the form has no field ${name}`);
      form.fields.set(name, value);
    }
    for (const [name, value] of Object.entries(button)) {
      if (!page.body.includes(`name="${name}" value="${value}"`))
        throw new Error(`there is no button ${name}`);
      form.fields.set(name, value);
    }
    return this.#visit(new URL(form.action, page.url), {
      method: 'POST',
      body: form.fields,
      headers: { origin: page.url.origin, ...headers },
    });
  }

  async #visit(url: URL, init: Sent): Promise<Shown> {
    const cookies = [...this.#cookies.values()]
      .filter(({ path }) => path === '/' || url.pathname === path || url.pathname.startsWith(`${path}/`))
      // RFC 6265 §5.4: cookies with longer paths come first, and a server uses the first one of a name.
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ pair }) => pair);
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: cookies.join('; '), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const shown = { url, status: response.status, headers: response.headers, body: await response.text() };
    const location = response.headers.get('location');
    if (location === null) return shown;
    const next = new URL(location, url);
    return next.origin === url.origin ? this.#visit(next, { method: 'GET' }) : { ...shown, left: next };
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const path = attributes.find((text) => text.startsWith('path='))?.slice('path='.length) ?? '/';
    const key = `${pair.split('=')[0]};${path}`;
    const expires = attributes.find((text) => text.startsWith('expires='))?.slice('expires='.length);
    if (expires !== undefined && Date.parse(expires) <= Date.now()) this.#cookies.delete(key);
    else this.#cookies.set(key, { path, pair });
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
      return { action, fields };
    },
  );
}

/** The result of a navigation: a page, or the target of the redirect at which the browser stopped. */
export interface Shown {
  url: URL;
  status: number;
  headers: Headers;
  body: string;
  /** The target of a redirect away from the server, if the browser does not follow there. */
  left?: URL;
}

interface Sent {
  method: 'GET' | 'POST';
  body?: URLSearchParams;
  headers?: Readonly<Record<string, string>>;
}

interface Form {
  action: string;
  fields: URLSearchParams;
  /** The names of what somebody can fill in, choose or press. */
  controls: ReadonlySet<string>;
}

/** A browser without scripts: it keeps the cookies of each origin, follows redirects, and fills in real forms. */
export class Browser {
  readonly #cookies = new Map<string, { origin: string; path: string; pair: string }>();
  readonly #follows: 'own origin' | 'everywhere';

  /**
   * @param follows to which redirects it goes. One that stays at its own origin knows one server, also at another address of
   * it: all its cookies go there
   */
  constructor(follows: 'own origin' | 'everywhere' = 'own origin') {
    this.#follows = follows;
  }

  open(url: string | URL): Promise<Shown> {
    return this.#visit(new URL(url), { method: 'GET' });
  }

  /** Returns the value of a cookie. */
  cookie(name: string): string | undefined {
    const found = [...this.#cookies.values()].find(({ pair }) => pair.startsWith(`${name}=`));
    return found?.pair.slice(name.length + 1);
  }

  /**
   * Submits the form of a page whose action has this ending.
   * @param fill values of its fields, and of the button that is pressed
   * @param headers replace its own, such as `origin`
   */
  async submit(
    page: Shown,
    actionEnd: string,
    fill: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Shown> {
    const form = formsOf(page.body).find(({ action }) => action.endsWith(actionEnd));
    if (form === undefined) throw new Error(`no form to ${actionEnd} on ${page.url.href}: ${page.body}`);
    for (const [name, value] of Object.entries(fill)) {
      if (!form.controls.has(name)) throw new Error(`the form to ${actionEnd} has no field ${name}`);
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
      .filter(
        ({ origin, path }) =>
          origin === this.#serverOf(url) &&
          (path === '/' || url.pathname === path || url.pathname.startsWith(`${path}/`)),
      )
      // RFC 6265 §5.4: cookies with longer paths come first, and a server uses the first one of a name.
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ pair }) => pair);
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: cookies.join('; '), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(this.#serverOf(url), line);
    const shown = { url, status: response.status, headers: response.headers, body: await response.text() };
    const location = response.headers.get('location');
    if (location === null) return shown;
    const next = new URL(location, url);
    const isFollowed = this.#follows === 'everywhere' || next.origin === url.origin;
    return isFollowed ? this.#visit(next, { method: 'GET' }) : { ...shown, left: next };
  }

  /** The name under which the cookies of a server are kept. */
  #serverOf({ origin }: URL): string {
    return this.#follows === 'everywhere' ? origin : 'the only one';
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

function formsOf(page: string): Form[] {
  return [...page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, head = '', inner = '']) => {
    const fields = new URLSearchParams();
    const controls = new Set<string>();
    const id = attributeOf(head, 'id');
    // A control outside of a form may belong to it.
    const outside = controlsIn(page).filter(({ tag }) => id !== undefined && attributeOf(tag, 'form') === id);
    for (const { tag, kind } of [...controlsIn(inner), ...outside]) {
      const name = attributeOf(tag, 'name');
      if (name === undefined) continue;
      controls.add(name);
      if (kind === 'input') fields.append(name, attributeOf(tag, 'value') ?? '');
    }
    return { action: attributeOf(head, 'action')?.replaceAll('&amp;', '&') ?? '', fields, controls };
  });
}

function controlsIn(markup: string): { tag: string; kind: string }[] {
  return [...markup.matchAll(/<(input|textarea|select|button)\b[^>]*>/gs)].map(([tag, kind = '']) => ({
    tag,
    kind,
  }));
}

function attributeOf(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
}

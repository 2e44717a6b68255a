import { html, mark, type Html, type HtmlPart } from '@tallystick/pages';
import { script, style } from './assets.ts';
import type { Page, PageOperator } from './page.ts';

/** Everything on a page around its content. */
export interface Frame {
  title: string;
  lead?: HtmlPart;
  aside?: HtmlPart;
  main: HtmlPart;
  /** The text in the search box. */
  search?: string | undefined;
}

/** The navigation of an operator: the pages, and the path of the shown one. */
export interface Navigation {
  pages: readonly Page[];
  path: string;
  operator: PageOperator;
}

/** Renders a whole page for somebody who is signed in. */
export function framedPage(frame: Frame, navigation: Navigation): string {
  const { operator } = navigation;
  return documentOf(
    frame.title,
    html`<a class="skip" href="#main">Skip to the content</a>
      <header class="top">
        <a class="brand" href="/">${mark()}<span>Tallystick</span></a>
        <form class="search" method="get" action="/find" role="search" aria-label="Any id">
          <label class="unseen" for="find">Find by id</label>
          <input
            id="find"
            name="id"
            type="search"
            placeholder="Any id: payment, account, party, key…"
            value="${frame.search ?? ''}"
            autocomplete="off"
            spellcheck="false"
            maxlength="200"
          />
        </form>
        <details class="who">
          <summary>
            <span class="who-name">${operator.name}</span>
          </summary>
          <div class="who-card">
            <p class="who-title">${operator.name}</p>
            <p class="soft">
              ${operator.roles.length === 0 ? 'No role' : `Roles: ${operator.roles.join(', ')}`}
            </p>
            <form method="post" action="/sign-out">
              <button class="button" type="submit">Sign out</button>
            </form>
          </div>
        </details>
      </header>
      <div class="below">
        <nav class="side" aria-label="Pages">${navigationLinks(navigation)}</nav>
        <main id="main" tabindex="-1">
          <div class="head">
            <div>
              <h1>${frame.title}</h1>
              ${frame.lead !== undefined && html`<p class="lead">${frame.lead}</p>`}
            </div>
            ${frame.aside !== undefined && html`<div class="head-aside">${frame.aside}</div>`}
          </div>
          ${frame.main}
        </main>
      </div>`,
  );
}

/** Renders a page for somebody who is not signed in. */
export function barePage(title: string, main: Html): string {
  return documentOf(
    title,
    html`<div class="bare">
      <div class="brand">${mark()}<span>Tallystick</span></div>
      <main class="card">
        <h1>${title}</h1>
        ${main}
      </main>
    </div>`,
  );
}

function documentOf(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Tallystick console</title>
        <link rel="stylesheet" href="${style.path}" />
        <link rel="icon" href="data:," />
        <script type="module" src="${script.path}"></script>
      </head>
      <body>
        ${body}
      </body>
    </html>`.markup;
}

function navigationLinks({ pages, path, operator }: Navigation): Html {
  const shown = pages
    .filter((page) => page.nav !== undefined)
    .toSorted((one, other) => one.nav! - other.nav!);
  return html`<ul>
    ${shown.map((page) => {
      const isHere =
        page.path === '/' ? path === '/' : path === page.path || path.startsWith(`${page.path}/`);
      const isAllowed = operator.scopes.has(page.scope);
      return html`<li>
        <a href="${page.path}" ${isHere && html`aria-current="page"`} ${!isAllowed && html`class="off"`}
          >${page.title}${!isAllowed && html`<span class="unseen"> (needs another role)</span>`}</a
        >
      </li>`;
    })}
  </ul>`;
}

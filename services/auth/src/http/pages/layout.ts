import { createHash } from 'node:crypto';
import { html, type Html } from '../html.ts';
import { stylesheet } from './stylesheet.ts';

/** The address of the stylesheet; it changes with the content, so that browsers may cache it forever. */
export const STYLESHEET_PATH = `/login/pages-${createHash('sha256').update(stylesheet).digest('hex').slice(0, 12)}.css`;

/** Renders a whole page: logo, one card, a footer. It has no scripts. */
export function layout(page: { title: string; main: Html }): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title} · Tallystick</title>
        <link rel="stylesheet" href="${STYLESHEET_PATH}" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        <header class="mark">
          ${mark()}
          <span>Tallystick</span>
        </header>
        <main class="card">${page.main}</main>
        <footer>Tallystick never asks for your password by e-mail or phone.</footer>
      </body>
    </html>`.markup;
}

/** The logo: two halves of a notched stick that match. */
function mark(): Html {
  return html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
    <path class="half" d="M2 6h28v8l-4 3-4-3-4 3-4-3-4 3-4-3-4 3z" />
    <path class="other" d="M2 26h28V17l-4 3-4-3-4 3-4-3-4 3-4-3-4 3z" />
  </svg>`;
}

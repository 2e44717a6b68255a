import { asset, html, mark, type Html } from '@tallystick/pages';
import { stylesheet } from './stylesheet.ts';

/** The stylesheet of the pages. */
export const pageStyle = asset('/login', 'css', stylesheet);

/** Renders a whole page: logo, one card, a footer. It has no scripts. */
export function layout(page: { title: string; main: Html }): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title} · Tallystick</title>
        <link rel="stylesheet" href="${pageStyle.path}" />
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

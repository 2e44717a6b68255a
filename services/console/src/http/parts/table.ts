import { html, Html, type HtmlPart } from '@tallystick/pages';

/** A column: its heading, and whether it has numbers, which align at the right. */
export type Column = string | { title: string; kind: 'number' | 'actions' };

export interface Table {
  /** Says what the rows are; read aloud, and not shown. */
  caption: string;
  head: readonly Column[];
  rows: readonly (readonly HtmlPart[])[];
  /** Shown instead of a table without rows. */
  empty?: Html;
}

/** Renders a table that scrolls inside itself where it is too wide, also by keyboard. */
export function table({ caption, head, rows, empty }: Table): Html {
  if (rows.length === 0 && empty !== undefined) return empty;
  const kinds = head.map((column) => (typeof column === 'string' ? undefined : column.kind));
  const attribute = (at: number): HtmlPart => kinds[at] !== undefined && html`class="${kinds[at]}"`;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map(
            (column, at) =>
              html`<th scope="col" ${attribute(at)}>
                ${typeof column === 'string' ? column : column.title}
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, at) => html`<td ${attribute(at)}>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Renders the way to the next page of a list; nothing on the last page. */
export function nextPage(href: string | undefined): Html {
  if (href === undefined) return html``;
  return html`<nav class="pager" aria-label="More of this list">
    <a class="button" href="${href}">Next page</a>
  </nav>`;
}

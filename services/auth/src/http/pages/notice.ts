import { html, type Html } from '@tallystick/pages';
import { layout } from './layout.ts';

export interface NoticePage {
  title: string;
  text: string;
  /** Named error details for diagnosis. */
  facts?: readonly (readonly [name: string, value: string])[];
}

/** Renders a page without a question: an error, the end of a session. */
export function noticePage(page: NoticePage): string {
  return layout({
    title: page.title,
    main: html`
      <h1>${page.title}</h1>
      <p class="lead">${page.text}</p>
      ${page.facts !== undefined && page.facts.length > 0 && facts(page.facts)}
    `,
  });
}

function facts(list: readonly (readonly [string, string])[]): Html {
  return html`<dl class="facts">
    ${list.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

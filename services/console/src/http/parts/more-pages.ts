import { html, type Html, type HtmlPart } from '@tallystick/pages';

/** Renders links to the parts of a page or to its neighbours; the present one is marked. */
export function tabs(
  label: string,
  links: readonly { href: string; words: HtmlPart; isHere: boolean }[],
): Html {
  return html`<nav class="tabs" aria-label="${label}">
    ${links.map(
      ({ href, words, isHere }) =>
        html`<a href="${href}" ${isHere && html`aria-current="page"`}>${words}</a>`,
    )}
  </nav>`;
}

/** Renders JSON for people, to be read and never run. */
export function json(value: unknown): Html {
  return html`<pre tabindex="0"><code>${JSON.stringify(value, undefined, 2)}</code></pre>`;
}

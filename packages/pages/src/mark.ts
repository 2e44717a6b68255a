import { html, type Html } from './html.ts';

/** The logo: two halves of a notched stick that match. */
export function mark(): Html {
  return html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
    <path class="half" d="M2 6h28v8l-4 3-4-3-4 3-4-3-4 3-4-3-4 3z" />
    <path class="other" d="M2 26h28V17l-4 3-4-3-4 3-4-3-4 3-4-3-4 3z" />
  </svg>`;
}

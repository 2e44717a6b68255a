import { html, type Html } from '@tallystick/pages';

/**
 * Renders a part that stays current while the page is open: the script replaces it by what the server renders at its
 * path. Without scripts it stays as it is.
 * @param path of a live part in the page's list, with its parameters
 */
export function live(path: string, content: Html): Html {
  return html`<div class="live" data-live="${path}">${content}</div>`;
}

import { html, type Html, type HtmlPart } from '@tallystick/pages';

/** Renders what is there instead of rows: why there are none, and what to do. */
export function emptyState(title: string, text: HtmlPart): Html {
  return html`<div class="empty">
    <p class="empty-title">${title}</p>
    <p>${text}</p>
  </div>`;
}

/** Renders a fault of a part of a page; the rest of the page stays. */
export function problem(title: string, text: HtmlPart): Html {
  return html`<div class="notice bad" role="alert">
    <p class="notice-title">${title}</p>
    <p>${text}</p>
  </div>`;
}

/** Renders that something was done. */
export function done(text: HtmlPart): Html {
  return html`<div class="notice good" role="status"><p>${text}</p></div>`;
}

/** Renders something that an operator should know. */
export function hint(text: HtmlPart): Html {
  return html`<div class="notice plain"><p>${text}</p></div>`;
}

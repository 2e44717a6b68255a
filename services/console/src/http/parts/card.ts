import { html, type Html, type HtmlPart } from '@tallystick/pages';

export interface Card {
  title: string;
  /** Beside the title. */
  aside?: HtmlPart;
  /** A sentence under the title. */
  note?: HtmlPart;
  body: HtmlPart;
  /** The fragment of links to this place. */
  id?: string;
  /** Whether the card takes the whole width of a grid. */
  wide?: boolean;
}

/** Renders a section with a heading. */
export function card({ title, aside, note, body, id, wide = false }: Card): Html {
  return html`<section class="card${wide && ' wide'}" ${id !== undefined && html`id="${id}"`}>
    <div class="card-head">
      <h2>${title}</h2>
      ${aside !== undefined && html`<div class="card-aside">${aside}</div>`}
    </div>
    ${note !== undefined && html`<p class="note">${note}</p>`} ${body}
  </section>`;
}

/** Renders cards side by side, as many as fit. */
export function grid(cards: HtmlPart): Html {
  return html`<div class="grid">${cards}</div>`;
}

/** A figure with its name, for a row of them. */
export interface Figure {
  name: string;
  value: HtmlPart;
  /** Smaller, under the value. */
  note?: HtmlPart;
  tone?: 'plain' | 'good' | 'warn' | 'bad';
}

/** Renders a row of figures. */
export function figures(list: readonly Figure[]): Html {
  return html`<dl class="figures">
    ${list.map(
      ({ name, value, note, tone = 'plain' }) =>
        html`<div class="figure ${tone}">
          <dt>${name}</dt>
          <dd>${value}${note !== undefined && html`<span class="figure-note">${note}</span>`}</dd>
        </div>`,
    )}
  </dl>`;
}

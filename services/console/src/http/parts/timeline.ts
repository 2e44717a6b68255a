import { html, type Html, type HtmlPart } from '@tallystick/pages';
import type { Tone } from './badge.ts';
import { time } from './text.ts';

/** A step on a timeline. */
export interface TimelineItem {
  /** ISO 8601. */
  at: string;
  /** The fragment of links to this place. */
  id?: string;
  title: HtmlPart;
  body?: HtmlPart;
  tone?: Tone;
}

/** Renders steps in the order of time. */
export function timeline(items: readonly TimelineItem[]): Html {
  return html`<ol class="timeline">
    ${items.map(
      ({ at, id, title, body, tone = 'plain' }) =>
        html`<li class="${tone}" ${id !== undefined && html`id="${id}"`}>
          <div class="timeline-at">${time(at)}</div>
          <div class="timeline-title">${title}</div>
          ${body !== undefined && html`<div class="timeline-body">${body}</div>`}
        </li>`,
    )}
  </ol>`;
}

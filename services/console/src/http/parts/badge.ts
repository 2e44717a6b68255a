import { html, type Html } from '@tallystick/pages';

/** The meaning of a colour: `plain` has none. */
export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'accent';

/** Renders a short word with a tone. The word alone says it: the colour only repeats it. */
export function badge(text: string, tone: Tone = 'plain'): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}

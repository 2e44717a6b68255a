import { formatAmount, type Currency } from '@tallystick/contracts';
import { html, type Html, type HtmlPart } from '@tallystick/pages';

/** Renders names with their values. */
export function facts(list: readonly (readonly [name: string, value: HtmlPart] | false)[]): Html {
  return html`<dl class="facts">
    ${list.map(
      (one) =>
        one !== false &&
        html`<div>
          <dt>${one[0]}</dt>
          <dd>${one[1]}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Renders an id, which may be long, as a link if there is a page about it. */
export function id(value: string, href?: string): Html {
  const shown = html`<code class="id">${value}</code>`;
  return href === undefined ? shown : html`<a href="${href}">${shown}</a>`;
}

const SHOWN_WHOLE_MAX = 24;
const ENDING = 8;

/** Renders an id for a table: a long one by its kind and its ending. The page behind the link has all of it. */
export function shortId(value: string, href?: string): Html {
  if (value.length <= SHOWN_WHOLE_MAX) return id(value, href);
  const kind = /^[a-z]+_/.exec(value)?.[0] ?? '';
  const text = `${kind}…${value.slice(-ENDING)}`;
  const shown = html`<code class="id" title="${value}">${text}</code>`;
  return href === undefined ? shown : html`<a href="${href}">${shown}</a>`;
}

/** Renders a time (ISO 8601, UTC) to the second. */
export function time(iso: string | undefined): Html {
  if (iso === undefined) return html`<span class="soft">–</span>`;
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return html`${iso}`;
  const text = at.toISOString();
  return html`<time datetime="${text}">${text.slice(0, 10)} ${text.slice(11, 19)}</time>`;
}

/** Renders an amount in minor units with its currency: `1,234.56 EUR`. */
export function money(amountMinor: bigint, currency: string): Html {
  const text = formatAmount(amountMinor, currency as Currency);
  return html`<span class="money"
    >${text.replace(/\d+/, (whole) => whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ','))}</span
  >`;
}

/** Writes a time span for people: `3 days`, `5 minutes`. */
export function spanText(ms: number): string {
  const units: readonly [string, number][] = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000],
  ];
  const [name, unitMs] = units.find(([, one]) => ms >= one) ?? ['second', 1_000];
  const count = Math.floor(ms / unitMs);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

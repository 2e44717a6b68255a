import { html, type Html } from '@tallystick/pages';

const WIDTH = 120;
const HEIGHT = 28;
const PADDING = 2;

/**
 * Renders a line of values, from the earliest to the latest.
 * @param label says in words what the line shows
 */
export function sparkLine(values: readonly number[], label: string): Html {
  if (values.length < 2) return html`<span class="soft">–</span>`;
  const max = Math.max(...values);
  const min = Math.min(0, ...values);
  const scale = max === min ? 0 : (HEIGHT - 2 * PADDING) / (max - min);
  const stepX = (WIDTH - 2 * PADDING) / (values.length - 1);
  const points = values
    .map((value, at) => {
      const x = PADDING + at * stepX;
      const y = HEIGHT - PADDING - (value - min) * scale;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
  return html`<svg
    class="spark"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    width="${WIDTH}"
    height="${HEIGHT}"
    role="img"
    aria-label="${label}"
  >
    <polyline points="${points}" />
  </svg>`;
}

import { html, type Html } from '@tallystick/pages';

const WIDTH = 720;
const HEIGHT = 96;
const BASE = 14;

/**
 * Renders counts over time as bars, from the earliest to the latest.
 * @param label says in words what the bars show
 * @param ends the words under the first and the last bar
 */
export function barChart(counts: readonly number[], label: string, ends: readonly [string, string]): Html {
  const max = Math.max(1, ...counts);
  const step = WIDTH / Math.max(1, counts.length);
  return html`<svg class="bars" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
    <line x1="0" x2="${WIDTH}" y1="${HEIGHT - BASE}" y2="${HEIGHT - BASE}" />
    ${counts.map((count, at) => {
      const height = count === 0 ? 0 : Math.max(2, ((HEIGHT - BASE - 4) * count) / max);
      return html`<rect
        x="${(at * step + step * 0.15).toFixed(1)}"
        y="${(HEIGHT - BASE - height).toFixed(1)}"
        width="${(step * 0.7).toFixed(1)}"
        height="${height.toFixed(1)}"
        rx="1.5"
      />`;
    })}
    <text x="0" y="${HEIGHT - 2}">${ends[0]}</text>
    <text x="${WIDTH}" y="${HEIGHT - 2}" text-anchor="end">${ends[1]}</text>
  </svg>`;
}

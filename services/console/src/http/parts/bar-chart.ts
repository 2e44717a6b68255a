import { html, type Html } from '@tallystick/pages';

const WIDTH = 720;
const HEIGHT = 80;
/** The lowest bar that is seen. */
const BAR_MIN = 2;

/**
 * Renders counts over time as bars, from the earliest to the latest.
 * @param label says in words what the bars show
 * @param ends the words under the first and the last bar
 */
export function barChart(counts: readonly number[], label: string, ends: readonly [string, string]): Html {
  const max = Math.max(1, ...counts);
  const step = WIDTH / Math.max(1, counts.length);
  return html`<figure class="bars">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
      ${counts.map((count, at) => {
        const height = count === 0 ? 0 : Math.max(BAR_MIN, (HEIGHT * count) / max);
        return html`<rect
          x="${(at * step + step * 0.15).toFixed(1)}"
          y="${(HEIGHT - height).toFixed(1)}"
          width="${(step * 0.7).toFixed(1)}"
          height="${height.toFixed(1)}"
        />`;
      })}
    </svg>
    <figcaption><span>${ends[0]}</span><span>${ends[1]}</span></figcaption>
  </figure>`;
}

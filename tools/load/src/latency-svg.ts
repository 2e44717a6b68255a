import type { SecondOfLatency } from './phase-tally.ts';

const WIDTH = 960;
const HEIGHT = 440;
const PLOT = { left: 76, right: 880, top: 56, bottom: 380 };
const SERIES = [
  { name: 'max', colour: '#c2410c', of: (second: SecondOfLatency) => second.maxMs },
  { name: 'p99', colour: '#7c3aed', of: (second: SecondOfLatency) => second.p99Ms },
  { name: 'p50', colour: '#0f766e', of: (second: SecondOfLatency) => second.p50Ms },
] as const;
const LABEL_HEIGHT = 16;

/**
 * Draws latency over time, on a logarithmic scale. The lines are the median, 99th percentile and maximum of the orders
 * due in each second.
 * @param seconds in order; at least one
 * @param title heading, as plain text
 * @returns an SVG document
 */
export function latencySvg(seconds: readonly SecondOfLatency[], title: string): string {
  const values = seconds.flatMap((second) => SERIES.map(({ of }) => of(second)));
  const [low, high] = decadesAround(values);
  const lastSecond = Math.max(1, ...seconds.map(({ second }) => second));
  const x = (second: number): number => PLOT.left + (second / lastSecond) * (PLOT.right - PLOT.left);
  const y = (ms: number): number =>
    PLOT.bottom - ((Math.log10(Math.max(ms, 10 ** low)) - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${PLOT.left}" y="28" font-size="15" fill="#1c1917">${escaped(title)}</text>`,
    ...latencyAxis(low, high, y),
    ...timeAxis(lastSecond, x),
    ...SERIES.map(
      ({ colour, of }) =>
        `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round" points="${seconds
          .map((second) => `${fixed(x(second.second))},${fixed(y(of(second)))}`)
          .join(' ')}"/>`,
    ),
    ...labels(seconds.at(-1)!, y),
    '</svg>\n',
  ].join('\n');
}

/** Returns the exponents of the powers of ten that enclose all values. */
function decadesAround(values: readonly number[]): [low: number, high: number] {
  const low = Math.floor(Math.log10(Math.max(0.1, Math.min(...values))));
  const high = Math.ceil(Math.log10(Math.max(1, ...values)) + 1e-9);
  return [low, Math.max(low + 1, high)];
}

function latencyAxis(low: number, high: number, y: (ms: number) => number): string[] {
  const lines: string[] = [];
  for (let exponent = low; exponent <= high; exponent += 1) {
    for (const step of [1, 2, 5]) {
      const ms = step * 10 ** exponent;
      if (ms > 10 ** high) break;
      const at = fixed(y(ms));
      lines.push(
        `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}" stroke="${step === 1 ? '#a8a29e' : '#e7e5e4'}"/>`,
        `<text x="${PLOT.left - 8}" y="${fixed(y(ms) + 4)}" text-anchor="end" fill="#57534e">${duration(ms)}</text>`,
      );
    }
  }
  return lines;
}

function timeAxis(lastSecond: number, x: (second: number) => number): string[] {
  const step = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_200].find((one) => lastSecond / one <= 12) ?? 3_600;
  const lines: string[] = [];
  for (let second = 0; second <= lastSecond; second += step) {
    const at = fixed(x(second));
    lines.push(
      `<line x1="${at}" x2="${at}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 5}" stroke="#57534e"/>`,
      `<text x="${at}" y="${PLOT.bottom + 22}" text-anchor="middle" fill="#57534e">${second}</text>`,
    );
  }
  lines.push(
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 44}" text-anchor="middle" fill="#57534e">due time of the order, in seconds from the start</text>`,
  );
  return lines;
}

/** Returns the names of the lines at their ends, moved apart if they would overlap. */
function labels(last: SecondOfLatency, y: (ms: number) => number): string[] {
  let above = -Infinity;
  return SERIES.map(({ name, colour, of }) => {
    above = Math.max(y(of(last)) + 4, above + LABEL_HEIGHT);
    return `<text x="${PLOT.right + 8}" y="${fixed(above)}" fill="${colour}" font-weight="600">${name}</text>`;
  });
}

function duration(ms: number): string {
  return ms >= 1_000 ? `${ms / 1_000} s` : `${Number(ms.toPrecision(2))} ms`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

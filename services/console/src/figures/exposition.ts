import type { Labels } from './figure-source.ts';

/** A sample in the text format of Prometheus. */
export interface Sample {
  metric: string;
  labels: Labels;
  value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"\s*,?\s*/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n' };

/**
 * Reads the samples of some metrics in the text format of Prometheus (version 0.0.4). A line that does not follow the format
 * is left out.
 * @param isWanted chooses metrics by name, so that the labels of others are not read
 */
export function* samplesIn(text: string, isWanted: (metric: string) => boolean): Generator<Sample> {
  for (const line of text.split('\n')) {
    const metric = NAME.exec(line)?.[0];
    if (metric === undefined || !isWanted(metric)) continue;
    const labels: Record<string, string> = {};
    let at = metric.length;
    if (line[at] === '{') {
      LABEL.lastIndex = at + 1;
      for (let found = LABEL.exec(line); found !== null; found = LABEL.exec(line)) {
        labels[found[1]!] = found[2]!.replaceAll(/\\(.)/g, (_, one: string) => ESCAPES[one] ?? one);
        at = LABEL.lastIndex;
      }
      // After the labels nothing but the brace may follow.
      if (line[at === metric.length ? at + 1 : at] !== '}') continue;
      at = line.indexOf('}', at) + 1;
    }
    const value = numberOf(line.slice(at).trim().split(' ')[0]!);
    if (value !== undefined) yield { metric, labels, value };
  }
}

function numberOf(text: string): number | undefined {
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isNaN(value) ? undefined : value;
}

import { repeat, type Repeated } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { samplesIn } from './exposition.ts';
import {
  SERVICE_LABEL,
  type CounterQuery,
  type FigureSource,
  type LabelledSteps,
  type LabelledValue,
  type Labels,
  type Target,
} from './figure-source.ts';
import { KeptSeries } from './kept-series.ts';
import { keptLabels, label, metric } from './metric-names.ts';

const SCRAPE_INTERVAL_MS = 5_000;
const SCRAPE_TIMEOUT_MS = 4_000;
const THIN_INTERVAL_MS = 60_000;
/** Series of all processes together. With the points of an hour they take about 30 MB. */
const SERIES_MAX = 10_000;
/** The largest answer that is read. */
const ANSWER_BYTES_MAX = 16 * 1_048_576;

interface Scraped {
  address: string;
  service: string;
  isUp: boolean;
  /** When it was last read. */
  atMs: number;
  series: Map<string, KeptSeries>;
}

export interface ScrapedSourceOptions {
  /** Addresses of `/metrics` of each process. */
  addresses: readonly string[];
  logger: Logger;
  intervalMs?: number;
  seriesMax?: number;
  nowMs?: () => number;
}

/**
 * Reads the metrics of the services itself, and keeps those of the last hour in memory. Figures then need no Prometheus.
 * Series beyond a limit are left out, and the log says so once.
 */
export class ScrapedSource implements FigureSource {
  readonly name: string;
  readonly #options: ScrapedSourceOptions;
  readonly #nowMs: () => number;
  readonly #targets: Scraped[];
  #seriesCount = 0;
  #isFull = false;
  #thinnedAtMs: number;
  #reading: Repeated | undefined;

  constructor(options: ScrapedSourceOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#thinnedAtMs = this.#nowMs();
    this.#targets = options.addresses.map((address) => ({
      address,
      service: new URL(address).host,
      isUp: false,
      atMs: -Infinity,
      series: new Map(),
    }));
    this.name = `metrics of ${options.addresses.length} processes, read every ${this.#intervalMs / 1_000} s`;
  }

  get #intervalMs(): number {
    return this.#options.intervalMs ?? SCRAPE_INTERVAL_MS;
  }

  /** Reads all processes once, and then at the interval. */
  async start(): Promise<void> {
    await this.read();
    this.#reading = repeat(
      this.#intervalMs,
      () => this.read(),
      (error) => this.#options.logger.warn({ err: error }, 'figures.reading_failed'),
    );
  }

  async stop(): Promise<void> {
    await this.#reading?.stop();
  }

  /** Reads the metrics of all processes now. */
  async read(): Promise<void> {
    await Promise.all(this.#targets.map((target) => this.#readTarget(target)));
    const nowMs = this.#nowMs();
    if (nowMs - this.#thinnedAtMs < THIN_INTERVAL_MS) return;
    this.#thinnedAtMs = nowMs;
    for (const { series } of this.#targets) for (const one of series.values()) one.thin(nowMs);
  }

  async #readTarget(target: Scraped): Promise<void> {
    try {
      const answer = await fetch(target.address, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) });
      if (!answer.ok) throw new Error(`${target.address}: status ${answer.status}`);
      this.#take(target, await boundedText(answer));
      target.isUp = true;
    } catch (error) {
      if (target.isUp) this.#options.logger.warn({ err: error }, 'figures.target_away');
      target.isUp = false;
    }
  }

  #take(target: Scraped, text: string): void {
    const atMs = this.#nowMs();
    const sums = new Map<string, { metric: string; labels: Labels; value: number }>();
    for (const sample of samplesIn(text, (name) => Object.hasOwn(keptLabels, name))) {
      const kept = keptLabels[sample.metric]!.flatMap((name) => {
        const value = sample.labels[name];
        return value === undefined ? [] : [[name, value] as const];
      });
      const key = JSON.stringify([sample.metric, ...kept]);
      const known = sums.get(key);
      if (known === undefined)
        sums.set(key, { metric: sample.metric, labels: Object.fromEntries(kept), value: sample.value });
      else known.value += sample.value;
    }
    for (const [key, { metric: name, labels, value }] of sums) {
      if (name === metric.target) target.service = labels[label.serviceName] ?? target.service;
      let series = target.series.get(key);
      if (series === undefined) {
        if (this.#seriesCount >= (this.#options.seriesMax ?? SERIES_MAX)) {
          this.#noteFull();
          continue;
        }
        this.#seriesCount += 1;
        series = new KeptSeries(name, labels, value, { isNew: target.atMs > -Infinity });
        target.series.set(key, series);
      }
      series.add(atMs, value);
    }
    target.atMs = atMs;
  }

  #noteFull(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#options.logger.warn({ series: this.#seriesCount }, 'figures.series_limit_reached');
  }

  async increases(query: CounterQuery, windowS: number): Promise<LabelledValue[]> {
    return (await this.steps(query, windowS, 1)).map(({ labels, values }) => ({ labels, value: values[0]! }));
  }

  async steps(query: CounterQuery, windowS: number, points: number): Promise<LabelledSteps[]> {
    const nowMs = this.#nowMs();
    const stepMs = (windowS * 1_000) / points;
    const groups = new Map<string, LabelledSteps>();
    for (const { series } of this.#targets)
      for (const one of series.values()) {
        if (one.metric !== query.metric || !isIncluded(one.labels, query)) continue;
        const labels = Object.fromEntries(query.by.map((name) => [name, one.labels[name] ?? '']));
        const key = JSON.stringify(Object.values(labels));
        const group = groups.get(key) ?? { labels, values: Array.from({ length: points }, () => 0) };
        groups.set(key, group);
        for (let at = 0; at < points; at += 1) {
          const fromMs = nowMs - (points - at) * stepMs;
          group.values[at]! += one.growth(fromMs, fromMs + stepMs);
        }
      }
    return [...groups.values()];
  }

  async latest(name: string): Promise<LabelledValue[]> {
    return this.#targets
      .filter(({ isUp }) => isUp)
      .flatMap(({ service, series, atMs }) =>
        [...series.values()]
          .filter((one) => one.metric === name && one.lastAtMs === atMs)
          .map((one) => ({ labels: { ...one.labels, [SERVICE_LABEL]: service }, value: one.last })),
      );
  }

  async targets(): Promise<Target[]> {
    return this.#targets.map(({ service, address, isUp }) => ({ service, address, isUp }));
  }
}

function isIncluded(labels: Labels, { where }: CounterQuery): boolean {
  if (where === undefined) return true;
  const isMatch = new RegExp(`^(?:${where.matches})$`).test(labels[where.label] ?? '');
  return isMatch !== (where.isExcluded === true);
}

async function boundedText(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`${answer.url}: more than ${ANSWER_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

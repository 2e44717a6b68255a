import * as z from 'zod';
import {
  FiguresUnavailableError,
  SERVICE_LABEL,
  type CounterQuery,
  type FigureSource,
  type LabelledSteps,
  type LabelledValue,
  type Labels,
  type Target,
} from './figure-source.ts';
import { label, metric } from './metric-names.ts';

const ANSWER_TIMEOUT_MS = 5_000;
/** How far back a process is looked for that no longer answers. */
const TARGETS_BACK = '1h';
/** How often Prometheus reads the services, at most. */
const SCRAPE_INTERVAL_S = 15;

const point = z.tuple([z.number(), z.string().transform(Number)]);
const labels = z.record(z.string(), z.string());
const answered = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(z.object({ metric: labels, value: point.optional(), values: z.array(point).optional() })),
  }),
});
type Series = z.output<typeof answered>['data']['result'][number];

/** Reads figures from a Prometheus that reads the services, by its HTTP API. */
export class PrometheusSource implements FigureSource {
  readonly name: string;
  readonly #url: string;
  readonly #nowMs: () => number;

  readonly #scrapeIntervalS: number;

  /**
   * @param url origin of Prometheus, such as `http://127.0.0.1:9090`
   * @param options.scrapeIntervalS how often it reads the services, in seconds
   */
  constructor(url: string, options: { scrapeIntervalS?: number; nowMs?: () => number } = {}) {
    this.#url = url;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#scrapeIntervalS = options.scrapeIntervalS ?? SCRAPE_INTERVAL_S;
    this.name = `Prometheus at ${new URL(url).host}`;
  }

  async increases(query: CounterQuery, windowS: number): Promise<LabelledValue[]> {
    const found = await this.#ask('query', { query: growthOf(query, windowS) });
    return found.map(({ metric: one, value }) => ({
      labels: withAll(one, query.by),
      value: finite(value?.[1]),
    }));
  }

  async steps(query: CounterQuery, windowS: number, points: number): Promise<LabelledSteps[]> {
    const stepS = windowS / points;
    const endS = this.#nowMs() / 1_000;
    const startS = endS - windowS + stepS;
    // A growth between two samples counts only if a range has both, so that ranges overlap by the time between samples.
    const rangeS = stepS + this.#scrapeIntervalS;
    const found = await this.#ask('query_range', {
      query: growthOf(query, rangeS),
      start: String(startS),
      end: String(endS),
      step: String(stepS),
    });
    return found.map(({ metric: one, values = [] }) => {
      const steps = Array.from({ length: points }, () => 0);
      for (const [atS, value] of values) {
        const at = Math.round((atS - startS) / stepS);
        if (at >= 0 && at < points) steps[at] = (finite(value) * stepS) / rangeS;
      }
      return { labels: withAll(one, query.by), values: steps };
    });
  }

  async latest(name: string): Promise<LabelledValue[]> {
    const [found, services] = await Promise.all([this.#ask('query', { query: name }), this.#services()]);
    return found.map(({ metric: one, value }) => ({
      labels: { ...one, [SERVICE_LABEL]: serviceOf(one, services) },
      value: finite(value?.[1]),
    }));
  }

  async targets(): Promise<Target[]> {
    const [up, services] = await Promise.all([this.#ask('query', { query: 'up' }), this.#services()]);
    return up
      .filter(({ metric: one }) => services.has(one['instance'] ?? ''))
      .map(({ metric: one, value }) => ({
        service: serviceOf(one, services),
        address: one['instance'] ?? '',
        isUp: value?.[1] === 1,
      }));
  }

  /** Returns the name of the service at each address. */
  async #services(): Promise<Map<string, string>> {
    const found = await this.#ask('query', { query: `last_over_time(${metric.target}[${TARGETS_BACK}])` });
    return new Map(
      found.map(({ metric: one }) => [one['instance'] ?? '', one[label.serviceName] ?? one['job'] ?? '']),
    );
  }

  async #ask(what: 'query' | 'query_range', parameters: Record<string, string>): Promise<Series[]> {
    let body: unknown;
    try {
      const answer = await fetch(new URL(`/api/v1/${what}`, this.#url), {
        method: 'POST',
        body: new URLSearchParams(parameters),
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      body = await answer.json();
    } catch (cause) {
      throw new FiguresUnavailableError(`${this.name} does not answer`, { cause });
    }
    const parsed = answered.safeParse(body);
    if (parsed.success) return parsed.data.data.result;
    throw new FiguresUnavailableError(`${this.name} refuses a query`, { cause: parsed.error });
  }
}

/** The names come from code, never from a request. */
function growthOf({ metric: name, by, where }: CounterQuery, windowS: number): string {
  const selector =
    where === undefined
      ? ''
      : `{${where.label}${where.isExcluded === true ? '!~' : '=~'}${JSON.stringify(where.matches)}}`;
  return `sum by (${by.join(', ')}) (increase(${name}${selector}[${Math.round(windowS * 1_000)}ms]))`;
}

/** Prometheus leaves out a label that is empty. */
function withAll(found: Labels, by: readonly string[]): Labels {
  return Object.fromEntries(by.map((name) => [name, found[name] ?? '']));
}

function serviceOf(found: Labels, services: ReadonlyMap<string, string>): string {
  return (
    found[label.serviceName] ??
    services.get(found['instance'] ?? '') ??
    found['exported_job'] ??
    found['job'] ??
    ''
  );
}

function finite(value: number | undefined): number {
  return value === undefined || !Number.isFinite(value) ? 0 : value;
}

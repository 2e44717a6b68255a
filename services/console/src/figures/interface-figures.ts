import { messages, operations, type MessageDefinition, type Objective } from '@tallystick/contracts';
import type { FigureSource, LabelledSteps, LabelledValue } from './figure-source.ts';
import { label, metric } from './metric-names.ts';
import { quantile, type Buckets } from './quantile.ts';

/** How an interface is reached. An operation and a command may have one name. */
export type Transport = 'http' | 'kafka';

/** How well an interface works now, and how it did against its objective. */
export interface InterfaceFigures {
  name: string;
  transport: Transport;
  summary: string;
  /** Requests or handled messages a second, in the present window. */
  ratePerS: number;
  /** Share that failed by the service's fault: status 5xx, or a handler that failed; `undefined` without traffic. */
  failedShare: number | undefined;
  /** Share that was refused: status 4xx, or a check that failed. */
  refusedShare: number | undefined;
  /** Durations in seconds; `undefined` without traffic. */
  p50S: number | undefined;
  p95S: number | undefined;
  p99S: number | undefined;
  objective: Objective;
  /**
   * Share of the misses that its objective allows that is left over the budget window; negative if more were missed. That of
   * availability or latency, whichever is lower; `undefined` without traffic.
   */
  budgetLeft: number | undefined;
  /** Requests or messages in each step of the trend, oldest first. */
  trend: number[];
}

/** The spans of time of figures. */
export interface FigureWindows {
  /** Of rates, shares and durations, in seconds. */
  presentS: number;
  /** Of what is left of the budget, and of the trend, in seconds. */
  budgetS: number;
  /** Steps of the trend. */
  points: number;
}

export const defaultWindows: FigureWindows = { presentS: 60, budgetS: 3_600, points: 60 };

const ANSWERED = { label: label.status, matches: '5..', isExcluded: true };
const HANDLED: ReadonlySet<string> = new Set(['handled', 'duplicate']);
const HANDLER_FAILED = 'message.handler_failed';

interface Counted {
  all: number;
  failed: number;
  refused: number;
}

/** What is counted of the interfaces of one transport in one window, by their names. */
interface Counts {
  counted: Map<string, Counted>;
  buckets: Map<string, Map<number, number>>;
}

/** Reads the figures of every interface with an objective, in the order of contracts. */
export async function readInterfaceFigures(
  source: FigureSource,
  windows: FigureWindows = defaultWindows,
): Promise<InterfaceFigures[]> {
  const { presentS, budgetS, points } = windows;
  const [presentHttp, presentKafka, budgetHttp, budgetKafka, trendHttp, trendKafka] = await Promise.all([
    countRequests(source, presentS),
    countMessages(source, presentS),
    countRequests(source, budgetS),
    countMessages(source, budgetS),
    source.steps({ metric: metric.requests, by: [label.interface] }, budgetS, points),
    source.steps({ metric: metric.outcomes, by: [label.interface] }, budgetS, points),
  ]);
  const figuresOf = (
    one: { name: string; summary: string; objective: Objective },
    transport: Transport,
  ): InterfaceFigures => {
    const [present, budget, trend] =
      transport === 'http' ? [presentHttp, budgetHttp, trendHttp] : [presentKafka, budgetKafka, trendKafka];
    const now = present.counted.get(one.name) ?? { all: 0, failed: 0, refused: 0 };
    const durations = present.buckets.get(one.name) ?? new Map<number, number>();
    return {
      ...one,
      transport,
      ratePerS: now.all / presentS,
      failedShare: shareOf(now.failed, now.all),
      refusedShare: shareOf(now.refused, now.all),
      p50S: quantile(durations, 0.5),
      p95S: quantile(durations, 0.95),
      p99S: quantile(durations, 0.99),
      budgetLeft: budgetLeft(one.objective, budget.counted.get(one.name), budget.buckets.get(one.name)),
      trend: stepsOf(trend, one.name, points),
    };
  };
  return [
    ...Object.values(operations).map(({ id, summary, objective }) =>
      figuresOf({ name: id, summary, objective }, 'http'),
    ),
    ...Object.values<MessageDefinition>(messages).flatMap(({ type, summary, objective }) =>
      objective === undefined ? [] : [figuresOf({ name: type, summary, objective }, 'kafka')],
    ),
  ];
}

async function countRequests(source: FigureSource, windowS: number): Promise<Counts> {
  const [requests, buckets] = await Promise.all([
    source.increases({ metric: metric.requests, by: [label.interface, label.status] }, windowS),
    source.increases(
      { metric: metric.requestBuckets, by: [label.interface, label.boundary], where: ANSWERED },
      windowS,
    ),
  ]);
  return {
    counted: countedBy(requests, ({ labels }) => {
      const status = labels[label.status] ?? '';
      return status.startsWith('5') ? 'failed' : status.startsWith('4') ? 'refused' : undefined;
    }),
    buckets: bucketsBy(buckets),
  };
}

async function countMessages(source: FigureSource, windowS: number): Promise<Counts> {
  const [outcomes, buckets] = await Promise.all([
    source.increases({ metric: metric.outcomes, by: [label.interface, label.outcome] }, windowS),
    source.increases({ metric: metric.processBuckets, by: [label.interface, label.boundary] }, windowS),
  ]);
  return {
    counted: countedBy(outcomes, ({ labels }) => {
      const outcome = labels[label.outcome] ?? '';
      return outcome === HANDLER_FAILED ? 'failed' : HANDLED.has(outcome) ? undefined : 'refused';
    }),
    buckets: bucketsBy(buckets),
  };
}

function countedBy(
  values: readonly LabelledValue[],
  kindOf: (one: LabelledValue) => 'failed' | 'refused' | undefined,
): Map<string, Counted> {
  const all = new Map<string, Counted>();
  for (const one of values) {
    const name = one.labels[label.interface] ?? '';
    const counted = all.get(name) ?? { all: 0, failed: 0, refused: 0 };
    all.set(name, counted);
    counted.all += one.value;
    const kind = kindOf(one);
    if (kind !== undefined) counted[kind] += one.value;
  }
  return all;
}

function bucketsBy(values: readonly LabelledValue[]): Map<string, Map<number, number>> {
  const all = new Map<string, Map<number, number>>();
  for (const { labels, value } of values) {
    const name = labels[label.interface] ?? '';
    const buckets = all.get(name) ?? new Map<number, number>();
    all.set(name, buckets);
    const boundary = labels[label.boundary] === '+Inf' ? Infinity : Number(labels[label.boundary]);
    buckets.set(boundary, (buckets.get(boundary) ?? 0) + value);
  }
  return all;
}

function budgetLeft(
  { availability, latency }: Objective,
  counted: Counted | undefined,
  durations: Buckets | undefined,
): number | undefined {
  const left: number[] = [];
  // A refused message is the sender's fault and counts for no objective; a refused request was answered well.
  if (counted !== undefined && counted.all > 0)
    left.push(1 - counted.failed / counted.all / (1 - availability));
  const answered = durations?.get(Infinity) ?? 0;
  if (durations !== undefined && answered > 0) {
    const late = Math.max(0, answered - (durations.get(latency.thresholdS) ?? 0));
    left.push(1 - late / answered / (1 - latency.share));
  }
  return left.length === 0 ? undefined : Math.min(...left);
}

function stepsOf(all: readonly LabelledSteps[], name: string, points: number): number[] {
  const found = all.find(({ labels }) => labels[label.interface] === name);
  return found?.values ?? Array.from({ length: points }, () => 0);
}

function shareOf(part: number, all: number): number | undefined {
  return all > 0 ? part / all : undefined;
}

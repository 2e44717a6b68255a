import { services } from '@tallystick/contracts';
import { SERVICE_LABEL, type FigureSource, type LabelledValue } from './figure-source.ts';
import { label, metric } from './metric-names.ts';

/** The state of one service. */
export interface ServiceFigures {
  service: string;
  /** Processes that answer, and all that are known. */
  up: number;
  known: number;
  /** Records that it has not handled yet; `undefined` if it consumes nothing or is away. */
  lag: number | undefined;
  /** Age of its oldest message that is not known to be published, in seconds. */
  outboxAgeS: number | undefined;
  /** Time until the certificate of its signing key ends, and since it was issued, in seconds. */
  keyRemainingS: number | undefined;
  keyAgeS: number | undefined;
  /** Age of its snapshot of keys, in seconds. */
  snapshotAgeS: number | undefined;
}

/** An amount by which the books of a currency do not balance. */
export interface Imbalance {
  of: string;
  currency: string;
  amountMinor: number;
}

/** The state of the system as a whole. */
export interface SystemFigures {
  services: ServiceFigures[];
  /** Messages that were refused or failed in the window, by reason. */
  refused: { reason: string; count: number }[];
  /** Empty if the books balance. */
  imbalances: Imbalance[];
  /** When the books were last checked, in milliseconds since 1970; `undefined` if no check is known. */
  ledgerCheckedAtMs: number | undefined;
}

const GOOD: ReadonlySet<string> = new Set(['handled', 'duplicate']);

/** Reads the state of the services, their queues and keys, and the books. */
export async function readSystemFigures(source: FigureSource, windowS: number): Promise<SystemFigures> {
  const gauge = (name: string): Promise<LabelledValue[]> => source.latest(name);
  const [targets, lag, outbox, remaining, age, snapshot, imbalance, check, outcomes] = await Promise.all([
    source.targets(),
    gauge(metric.lag),
    gauge(metric.outboxAge),
    gauge(metric.keyRemaining),
    gauge(metric.keyAge),
    gauge(metric.snapshotAge),
    gauge(metric.imbalance),
    gauge(metric.ledgerCheck),
    source.increases({ metric: metric.outcomes, by: [label.outcome] }, windowS),
  ]);
  const others = targets.map(({ service }) => service).filter((one) => !isService(one));
  const names: string[] = [...new Set([...services, ...others])];
  return {
    services: names.map((service) => {
      const of = (values: readonly LabelledValue[]): number[] =>
        values.filter(({ labels }) => labels[SERVICE_LABEL] === service).map(({ value }) => value);
      const own = targets.filter((one) => one.service === service);
      return {
        service,
        up: own.filter(({ isUp }) => isUp).length,
        known: own.length,
        lag: sumOf(of(lag)),
        outboxAgeS: worst(of(outbox), Math.max),
        keyRemainingS: worst(of(remaining), Math.min),
        keyAgeS: worst(of(age), Math.max),
        snapshotAgeS: worst(of(snapshot), Math.max),
      };
    }),
    refused: outcomes
      .map(({ labels, value }) => ({ reason: labels[label.outcome] ?? '', count: value }))
      .filter(({ reason, count }) => count > 0 && !GOOD.has(reason))
      .sort((a, b) => b.count - a.count),
    imbalances: imbalance
      .filter(({ value }) => value !== 0)
      .map(({ labels, value }) => ({
        of: labels[label.of] ?? '',
        currency: labels[label.currency] ?? '',
        amountMinor: value,
      })),
    ledgerCheckedAtMs: timeOf(
      worst(
        check.map(({ value }) => value),
        Math.max,
      ),
    ),
  };
}

function isService(name: string): boolean {
  return (services as readonly string[]).includes(name);
}

function sumOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, one) => sum + one, 0);
}

function worst(values: readonly number[], choose: (...all: number[]) => number): number | undefined {
  return values.length === 0 ? undefined : choose(...values);
}

function timeOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

import { build, type Histogram } from 'hdr-histogram-js';
import type { PhaseTally } from './orders/order.ts';

/** Three significant digits from 1 µs to ten minutes. */
const newHistogram = (): Histogram =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
  });

export interface Percentiles {
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  max_ms: number;
}

/** Latency of the orders that were due in one second of a phase. */
export interface SecondOfLatency {
  second: number;
  finished: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** The result of one phase at one rate. */
export class Tally implements PhaseTally {
  readonly #startMs: number;
  readonly #latencyUs = newHistogram();
  readonly #latenciesBySecond: number[][] = [];
  readonly failures: Record<string, number> = {};
  finishedCount = 0;
  failedCount = 0;
  #lastEndMs: number;

  /** @param startMs due time of the first order, of `performance.now()` */
  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#lastEndMs = startMs;
  }

  finished(latencyMs: number, dueAtMs: number): void {
    this.finishedCount += 1;
    this.#lastEndMs = Math.max(this.#lastEndMs, dueAtMs + latencyMs);
    this.#latencyUs.recordValue(Math.min(600_000_000, Math.max(1, Math.round(latencyMs * 1000))));
    const second = Math.floor((dueAtMs - this.#startMs) / 1000);
    (this.#latenciesBySecond[second] ??= []).push(latencyMs);
  }

  failed(code: string): void {
    this.failedCount += 1;
    this.failures[code] = (this.failures[code] ?? 0) + 1;
  }

  /** Time from the first order's due time to the last outcome. */
  elapsedMs(): number {
    return this.#lastEndMs - this.#startMs;
  }

  percentiles(): Percentiles {
    const ms = (percentile: number): number => this.#latencyUs.getValueAtPercentile(percentile) / 1000;
    return { p50_ms: ms(50), p95_ms: ms(95), p99_ms: ms(99), max_ms: this.#latencyUs.maxValue / 1000 };
  }

  seconds(): SecondOfLatency[] {
    return this.#latenciesBySecond.flatMap((latencies, second) => {
      const sorted = latencies.toSorted((a, b) => a - b);
      const at = (share: number): number =>
        sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
      return { second, finished: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: sorted.at(-1)! };
    });
  }
}

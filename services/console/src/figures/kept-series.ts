import type { Labels } from './figure-source.ts';

/** How long points are kept: as far back as the figures of the overview reach. */
export const KEPT_MS = 3_600_000;
/** Points of the last minutes are kept as they were read. */
const RECENT_MS = 360_000;
/** Of older points one in each of these spans is kept: the 60 steps of an hour need no more. */
const OLDER_SPAN_MS = 30_000;

/** The points of one series of one process. */
export class KeptSeries {
  readonly metric: string;
  readonly labels: Labels;
  /** The value before the first point, from which it grew. */
  readonly #before: number;
  #atMs: number[] = [];
  /** Growth since `#before`, with the growth before restarts of the process. */
  #grown: number[] = [];
  #last: number;

  /**
   * @param options.isNew whether the process was read before without this series, so that it began at zero
   */
  constructor(metric: string, labels: Labels, first: number, { isNew }: { isNew: boolean }) {
    this.metric = metric;
    this.labels = labels;
    this.#before = isNew ? 0 : first;
    this.#last = this.#before;
  }

  /** The present value. */
  get last(): number {
    return this.#last;
  }

  /** When the last point was read. */
  get lastAtMs(): number {
    return this.#atMs.at(-1) ?? -Infinity;
  }

  get points(): number {
    return this.#atMs.length;
  }

  /** Adds a point. A counter that fell began again at zero. */
  add(atMs: number, value: number): void {
    const growth = value >= this.#last ? value - this.#last : value;
    this.#atMs.push(atMs);
    this.#grown.push((this.#grown.at(-1) ?? 0) + growth);
    this.#last = value;
  }

  /** Returns by how much the counter grew from one time to another. */
  growth(fromMs: number, toMs: number): number {
    return this.#grownAt(toMs) - this.#grownAt(fromMs);
  }

  /** Drops points that are too old, and thins those that are not recent. */
  thin(nowMs: number): void {
    const isKept = (at: number): boolean => {
      const atMs = this.#atMs[at]!;
      // The last point before the kept time is the base of the growth since then.
      if (atMs < nowMs - KEPT_MS) return (this.#atMs[at + 1] ?? Infinity) >= nowMs - KEPT_MS;
      const next = this.#atMs[at + 1];
      if (atMs > nowMs - RECENT_MS || next === undefined) return true;
      return Math.floor(atMs / OLDER_SPAN_MS) !== Math.floor(next / OLDER_SPAN_MS);
    };
    const kept = [...this.#atMs.keys()].filter(isKept);
    this.#grown = kept.map((at) => this.#grown[at]!);
    this.#atMs = kept.map((at) => this.#atMs[at]!);
  }

  /** Returns the growth up to a time: that of the last point before it. */
  #grownAt(timeMs: number): number {
    let low = 0;
    let high = this.#atMs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#atMs[middle]! <= timeMs) low = middle + 1;
      else high = middle;
    }
    // Before the first point it had not grown yet; older points are dropped only behind a base that is kept.
    return low === 0 ? 0 : this.#grown[low - 1]!;
  }
}

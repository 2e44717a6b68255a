/** Rates of several rounds of the same work, a second. */
export interface Rates {
  median: number;
  low: number;
  high: number;
  rounds: number;
}

/** Sums rounds up. @param rates at least one */
export function ratesOf(rates: readonly number[]): Rates {
  const sorted = rates.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, low: sorted[0]!, high: sorted.at(-1)!, rounds: sorted.length };
}

/** One round: how often a second the work was done in it. */
export type Round = () => Promise<number>;

/** Something that is measured, and what it cannot go beyond, where there is such a thing. */
export interface Subject {
  name: string;
  /** What is counted, e.g. `messages/s/core`. */
  unit: string;
  round: Round;
  limit?: { what: string; round: Round };
}

/** A part of the system on the bench. */
export interface Bench {
  name: string;
  summary: string;
  /** Makes ready, lets `use` measure the subjects, and puts all away again. */
  run(use: (subjects: Subject[]) => Promise<void>): Promise<void>;
}

/**
 * A round of work that keeps one core busy: counted against the processor time that this process used, so that neither
 * other programs nor threads beside this one change the result.
 * @param work does its work a number of times and returns how often
 */
export function perCore(work: () => Promise<number> | number, roundMs = 400): Round {
  return async () => {
    const began = performance.now();
    const cpuBegan = process.cpuUsage();
    let times = 0;
    while (performance.now() - began < roundMs) times += await work();
    const { user, system } = process.cpuUsage(cpuBegan);
    return (times * 1e6) / (user + system);
  };
}

/**
 * A round of work by the clock, by several at once.
 * @param work does its work once and returns how many it has done by that
 * @param drain waits for what is still on its way; that time counts
 */
export function byTheClock(
  work: () => Promise<number>,
  options: { atOnce: number; roundMs?: number; drain?: () => Promise<void> },
): Round {
  const { atOnce, roundMs = 1_000, drain } = options;
  return async () => {
    const began = performance.now();
    let times = 0;
    const loop = async (): Promise<void> => {
      while (performance.now() - began < roundMs) times += await work();
    };
    await Promise.all(Array.from({ length: atOnce }, loop));
    await drain?.();
    return (times * 1000) / (performance.now() - began);
  };
}

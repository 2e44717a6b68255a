/** Rates of several rounds of the same work, per second. */
export interface Rates {
  median: number;
  low: number;
  high: number;
  rounds: number;
}

/** Summarizes rounds. @param rates at least one */
export function ratesOf(rates: readonly number[]): Rates {
  const sorted = rates.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, low: sorted[0]!, high: sorted.at(-1)!, rounds: sorted.length };
}

/** One round: returns the number of operations per second. */
export type Round = () => Promise<number>;

/** A subject of measurement, and its limit, if there is one. */
export interface Subject {
  name: string;
  /** The counted unit, e.g. `messages/s/core`. */
  unit: string;
  round: Round;
  limit?: { what: string; round: Round };
}

/** A part of the system to benchmark. */
export interface Bench {
  name: string;
  summary: string;
  /** Sets up, lets `use` measure the subjects, and cleans up. */
  run(use: (subjects: Subject[]) => Promise<void>): Promise<void>;
}

/**
 * Creates a round that keeps one core busy. It counts the processor time of this process, so that neither other
 * programs nor other threads change the result.
 * @param work does its work several times and returns the number
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
 * Creates a round of work by the clock, run concurrently.
 * @param work does its work once and returns the number of operations
 * @param drain waits for unfinished work; that time counts
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

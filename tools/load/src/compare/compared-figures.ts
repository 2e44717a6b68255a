import * as z from 'zod';
import { largestOfServices } from '../system/processes.ts';

const perService = z.record(z.string(), z.number());

/** The part of the output of `load --json` that is compared; each release has these members. */
export const comparedSummary = z.object({
  payments_per_second: z.number(),
  ratio_to_limit: z.number(),
  p50_ms: z.number(),
  p99_ms: z.number(),
  cpu_ms_per_payment: z.number(),
  cpu_seconds_of_others: z.number(),
  bytes_per_payment: z.number().nullable(),
  wal_bytes_per_payment: z.number(),
  rows_added_per_payment: perService,
  memory_mb_max_by_service: perService,
});
export type ComparedSummary = z.output<typeof comparedSummary>;

/** A figure of a run; for each, less is better unless it says otherwise. */
interface Figure {
  name: string;
  of: (summary: ComparedSummary) => number | null;
  moreIsBetter?: true;
}

const sum = (amounts: Record<string, number>): number => Object.values(amounts).reduce((a, b) => a + b, 0);

export const figures: readonly Figure[] = [
  { name: 'payments per second', of: (one) => one.payments_per_second, moreIsBetter: true },
  { name: 'ratio to the limit', of: (one) => one.ratio_to_limit, moreIsBetter: true },
  { name: 'p50, ms', of: (one) => one.p50_ms },
  { name: 'p99, ms', of: (one) => one.p99_ms },
  { name: 'CPU per payment, ms', of: (one) => one.cpu_ms_per_payment },
  { name: 'bytes on Kafka per payment', of: (one) => one.bytes_per_payment },
  { name: 'bytes of WAL per payment', of: (one) => one.wal_bytes_per_payment },
  { name: 'rows added per payment', of: (one) => sum(one.rows_added_per_payment) },
  {
    name: 'memory of the largest service, MB',
    of: (one) => largestOfServices(one.memory_mb_max_by_service),
  },
];

/** A figure of all runs. Ratios are this release by the earlier one, of runs that were taken in turn. */
export interface ComparedFigure {
  name: string;
  moreIsBetter: boolean;
  earlier: number;
  now: number;
  ratio: number;
  ratioLeast: number;
  ratioMost: number;
}

/** Runs of both releases, the n-th of one beside the n-th of the other. */
export interface Turn {
  earlier: ComparedSummary;
  now: ComparedSummary;
}

/** Compares the runs, figure by figure. A figure that a run did not take is left out. */
export function compareTurns(turns: readonly Turn[]): ComparedFigure[] {
  return figures.flatMap(({ name, of, moreIsBetter = false }) => {
    const pairs = turns.map(({ earlier, now }) => [of(earlier), of(now)] as const);
    const taken = pairs.filter((pair): pair is [number, number] => pair[0] !== null && pair[1] !== null);
    if (taken.length === 0 || taken.length < pairs.length) return [];
    const ratios = taken.map(([earlier, now]) => now / earlier);
    return [
      {
        name,
        moreIsBetter,
        earlier: median(taken.map(([earlier]) => earlier)),
        now: median(taken.map(([, now]) => now)),
        ratio: median(ratios),
        ratioLeast: Math.min(...ratios),
        ratioMost: Math.max(...ratios),
      },
    ];
  });
}

/** Returns the median: of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

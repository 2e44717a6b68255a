import { buildCommand } from '@stricli/core';
import {
  checkedBy,
  directoryFlag,
  jsonFlag,
  numberWithin,
  oneOf,
  switchFlag,
} from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export const mixes = ['account', 'card', 'two-phase', 'mixed'] as const;
export type Mix = (typeof mixes)[number];

export interface LoadFlags {
  /** length of the measured part */
  seconds: number;
  /** payments due a second; searched if absent */
  rate?: number;
  /** rates of a capacity table, payments a second each */
  capacity?: readonly number[];
  search?: boolean;
  mix: Mix;
  via: 'kafka' | 'http';
  /** share of the payments that go to one merchant, 0 to 1 */
  hot: number;
  accounts: number;
  signatures: 'batch' | 'all' | 'each';
  replicas: number;
  /** records under invented keys a second */
  junk?: number;
  /** path of a stack.json */
  stack?: string;
  directory: string;
  limitSeconds?: number;
  profile?: boolean;
  console?: boolean;
  /** path of the drawing */
  svg?: string;
  json?: boolean;
}

const rate = numberWithin(z.number().min(1).max(100_000));
const path = checkedBy(z.string().min(1, 'must name a file'));

export const loadCommand = buildCommand<LoadFlags>({
  loader: async () => (await import('./main.ts')).load,
  parameters: {
    flags: {
      seconds: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(1).max(3_600)),
        placeholder: 'N',
        brief: 'Length of the measured part',
        default: '60',
      },
      rate: {
        kind: 'parsed',
        parse: rate,
        placeholder: 'N',
        brief: 'Payments due per second; by default the highest rate is searched',
        optional: true,
      },
      capacity: {
        kind: 'parsed',
        parse: rate,
        variadic: ',',
        placeholder: 'N',
        brief: 'Print a table of these rates, such as 50,200,800, each on its own system',
        optional: true,
      },
      search: switchFlag('Search the highest rate that the system sustains, then hold 90 % of it'),
      mix: {
        kind: 'enum',
        values: mixes,
        brief: 'Kinds of payments (below)',
        default: 'account',
      },
      via: {
        kind: 'enum',
        values: ['kafka', 'http'],
        brief: "A third party's orders, or a customer's requests",
        default: 'kafka',
      },
      hot: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(0).max(1)),
        placeholder: 'share',
        brief: 'Share of the payments that go to one merchant',
        default: '0',
      },
      accounts: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(20).max(100_000)),
        placeholder: 'N',
        brief: 'Accounts to open, a tenth of them for merchants',
        default: '1000',
      },
      signatures: {
        kind: 'enum',
        values: ['batch', 'all', 'each'],
        brief: 'Who signs batches: services, the third party too, or nobody',
        default: 'batch',
      },
      replicas: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(1).max(2)),
        placeholder: '1|2',
        brief: 'Processes of each service that moves money',
        default: '1',
      },
      junk: {
        kind: 'parsed',
        parse: rate,
        placeholder: 'N',
        brief: 'Records per second under invented keys while it measures',
        optional: true,
      },
      stack: {
        kind: 'parsed',
        parse: path,
        placeholder: 'stack.json',
        brief: 'Use a running system, given its stack.json',
        optional: true,
      },
      directory: directoryFlag('.tallystick/load'),
      limitSeconds: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(1).max(120)),
        placeholder: 'N',
        brief: 'Length of the measurement of the limit (10; 2 if --seconds is below 30)',
        optional: true,
      },
      profile: switchFlag('Then profile CPU time and allocations of each service at the same rate'),
      svg: {
        kind: 'parsed',
        parse: path,
        placeholder: 'file',
        brief: 'Draw latency over time',
        optional: true,
      },
      console: switchFlag('Start the console too, to watch the load there'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Measure payments per second against the limit of the same Postgres',
    fullDescription: `Measures payments per second from end to end at a fixed rate; latency counts from the moment each order was due. Then
checks that every cent is in the right account. Before that, the same Postgres posts plain transfers, one per
transaction: the limit with which the result is compared. Compiles and starts its own system.

--mix account: from an account, captured at once    card: by card, at once, over HTTP
      two-phase: from an account, held, then captured    mixed: half account, a quarter each of the others

Exit status: 0 if every check passed, 1 if one failed, 2 for a wrong flag.`,
  },
});

export interface CompareLoadFlags {
  /** a commit of this repository */
  against: string;
  times: number;
  json?: boolean;
}

export const compareLoadCommand = buildCommand<CompareLoadFlags, string[]>({
  loader: async () => (await import('./compare/main.ts')).compareLoad,
  parameters: {
    flags: {
      against: {
        kind: 'parsed',
        parse: checkedBy(z.string().regex(/^[\w./~^-]+$/, 'must name a commit')),
        placeholder: 'commit',
        brief: 'The release to compare with',
      },
      times: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(1).max(20)),
        placeholder: 'N',
        brief: 'Runs of each',
        default: '3',
      },
      json: jsonFlag,
    },
    positional: {
      kind: 'array',
      parameter: { parse: String, placeholder: 'flag', brief: 'Flags of `load` for both, after --' },
    },
  },
  docs: {
    brief: 'Measure the load of this checkout and of an earlier commit in turns',
    fullDescription: `Checks the commit out into the cache, installs its packages, and runs \`npm run load\` of both in turns, each on its own
system. Prints the median of each figure, and the ratio of the runs of a turn: this checkout by the earlier one.

tallystick compare-load --against v1.0 -- --seconds 20 --rate 240

Exit status: 0 if every run held its checks, 1 if one failed, 2 for a wrong flag or commit.`,
  },
});

export interface BenchFlags {
  /** names of the parts; all if absent */
  only?: readonly string[];
  rounds: number;
  /** entries in the long past of the flatness part */
  historyRows: number;
  directory: string;
  json?: boolean;
}

export const benchCommand = buildCommand<BenchFlags>({
  loader: async () => (await import('./bench/run-benches.ts')).bench,
  parameters: {
    flags: {
      only: {
        kind: 'parsed',
        parse: async (text) => oneOf(await benchNames(), 'part')(text),
        proposeCompletions: benchNames,
        variadic: ',',
        placeholder: 'part',
        brief: 'Measure only these parts',
        optional: true,
      },
      rounds: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(1).max(100)),
        placeholder: 'N',
        brief: 'Rounds of each part',
        default: '5',
      },
      historyRows: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(10_000).max(100_000_000)),
        placeholder: 'N',
        brief: 'Entries in the history of the flatness part (10000000 takes some minutes)',
        default: '1000000',
      },
      directory: directoryFlag('.tallystick/bench'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Measure each part against its physical limit',
    fullDescription: `Measures the median, lowest and highest of several rounds after a warm-up, alternating the part and its limit. The parts:
seal, open, transaction, outbox, consumer, decide, ledger-batch, flatness, ledger, start.`,
  },
});

async function benchNames(): Promise<string[]> {
  const { benches } = await import('./bench/run-benches.ts');
  return benches.map(({ name }) => name);
}

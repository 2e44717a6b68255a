import { buildCommand } from '@stricli/core';
import {
  directoryFlag,
  jsonFlag,
  numberWithin,
  oneOf,
  seed,
  switchFlag,
} from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export interface ChaosFlags {
  /** how long faults are injected, in minutes */
  minutes: number;
  seed?: number;
  /** share of the faults that a second one joins, 0 to 1 */
  pairs: number;
  /** payments due a second */
  rate: number;
  /** names of the faults to choose from; all if absent */
  only?: readonly string[];
  directory: string;
  console?: boolean;
  list?: boolean;
  json?: boolean;
}

export const chaosCommand = buildCommand<ChaosFlags>({
  loader: async () => (await import('./main.ts')).chaos,
  parameters: {
    flags: {
      minutes: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(0.1).max(1_440)),
        placeholder: 'N',
        brief: 'Minutes during which faults are injected',
        default: '10',
      },
      seed: {
        kind: 'parsed',
        parse: seed,
        placeholder: 'N',
        brief: 'Repeat the faults of this seed in the same order; by default a random seed, which is printed',
        optional: true,
      },
      pairs: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(0).max(1)),
        placeholder: 'share',
        brief: 'Share of the faults that overlap with a second fault on another target',
        default: '0.3',
      },
      rate: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(1).max(1_000)),
        placeholder: 'N',
        brief: 'Payments due per second',
        default: '50',
      },
      only: {
        kind: 'parsed',
        parse: async (text) => oneOf(await faultNames(), 'fault')(text),
        proposeCompletions: faultNames,
        placeholder: 'fault',
        variadic: ',',
        brief: 'Inject only these faults; --list names them',
        optional: true,
      },
      directory: directoryFlag('.tallystick/chaos'),
      console: switchFlag('Start the console too, to watch the faults there'),
      list: switchFlag('List the faults and the promises'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Inject faults under load from a seed, then check every promise',
    fullDescription: `Starts its own system on this machine, pays at a fixed rate and injects the faults of the seed: it kills, pauses and
restarts processes, cuts and slows connections, skews clocks, replays records and tries attacks. Then it removes all
faults, waits until the system is idle, and checks every promise.

Exit status: 0 if every promise held, 1 if one was broken, 2 for a wrong flag.`,
  },
});

async function faultNames(): Promise<string[]> {
  const { faults } = await import('./faults/index.ts');
  return faults.map(({ name }) => name);
}

export interface SimulateFlags {
  /** how many runs */
  seeds?: number;
  /** the first seed */
  seed?: number;
  json?: boolean;
}

export const simulateCommand = buildCommand<SimulateFlags>({
  loader: async () => (await import('./simulate.ts')).simulate,
  parameters: {
    flags: {
      seeds: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(1).max(10_000_000)),
        placeholder: 'N',
        brief: 'Number of runs, one per seed (2000 without --seed)',
        optional: true,
      },
      seed: {
        kind: 'parsed',
        parse: seed,
        placeholder: 'N',
        brief: 'First seed; without --seeds, the only one',
        optional: true,
      },
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Play thousands of seeds in memory: late, duplicate, lost and reordered messages',
    fullDescription: `Plays the decisions of the ledger, the card rules and the payment saga against each other in memory: crashes before
and after each commit; messages late, duplicate, replayed and out of order; processes that lost their partition. Checks
every promise after each run. A seed always produces the same run.

Exit status: 0 if every promise held, 1 if one was broken, 2 for a wrong flag.`,
  },
});

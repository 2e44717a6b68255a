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

export interface RehearsalFlags {
  /** payments due a second */
  rate: number;
  /** how long payments go on between two steps, in seconds */
  pause: number;
  seed: number;
  directory: string;
  list?: boolean;
  json?: boolean;
}

export const rehearseCommand = buildCommand<RehearsalFlags, string[]>({
  loader: async () => (await import('./main.ts')).rehearseAll,
  parameters: {
    flags: {
      rate: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(1).max(1_000)),
        placeholder: 'N',
        brief: 'Payments due per second',
        default: '20',
      },
      pause: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(0.1).max(3_600)),
        placeholder: 'N',
        brief: 'Seconds of payments between two steps',
        default: '4',
      },
      seed: { kind: 'parsed', parse: seed, placeholder: 'N', brief: 'Seed of the orders', default: '1' },
      directory: directoryFlag('.tallystick/rehearsal'),
      list: switchFlag('List the rehearsals'),
      json: jsonFlag,
    },
    positional: {
      kind: 'array',
      parameter: {
        parse: async (text) => oneOf(await names(), 'rehearsal')(text),
        proposeCompletions: names,
        placeholder: 'rehearsal',
        brief: 'Run only these; by default all run, each on a separate system',
      },
    },
  },
  docs: {
    brief: 'Lose a database or a topic, recover it, then check every promise',
    fullDescription: `Starts its own system on this machine and pays. Then it loses a database or a topic, performs the steps of the operator,
waits until the system is idle, and checks every promise.

Exit status: 0 if every promise held, 1 if one was broken, 2 for a wrong flag.`,
  },
});

async function names(): Promise<string[]> {
  const { rehearsals } = await import('./rehearsals/index.ts');
  return rehearsals.map(({ name }) => name);
}

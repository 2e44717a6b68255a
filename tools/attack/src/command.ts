import { buildCommand } from '@stricli/core';
import {
  checkedBy,
  directoryFlag,
  jsonFlag,
  numberWithin,
  seed,
  switchFlag,
} from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export interface AttackFlags {
  /** names of attacks or families; all if absent */
  only?: readonly string[];
  seed?: number;
  /** number of mutated envelopes and tokens */
  mutations: number;
  /** path of a stack.json */
  stack?: string;
  directory: string;
  list?: boolean;
  json?: boolean;
}

export const attackCommand = buildCommand<AttackFlags>({
  loader: async () => (await import('./main.ts')).attack,
  parameters: {
    flags: {
      only: {
        kind: 'parsed',
        parse: async (text) => chosenFrom(await namesToChoose())(text),
        proposeCompletions: namesToChoose,
        placeholder: 'name',
        variadic: ',',
        brief: 'Run only these attacks or families; --list names them',
        optional: true,
      },
      seed: {
        kind: 'parsed',
        parse: seed,
        placeholder: 'N',
        brief: 'Repeat the mutations of this seed; by default a random seed, which is printed',
        optional: true,
      },
      mutations: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(0).max(100_000_000)),
        placeholder: 'N',
        brief: 'Number of mutated envelopes and tokens; none with --only',
        default: '100000',
      },
      stack: {
        kind: 'parsed',
        parse: checkedBy(z.string().min(1, 'must name a file')),
        placeholder: 'stack.json',
        brief: 'Attack a running system of this machine, given its stack.json',
        optional: true,
      },
      directory: directoryFlag('.tallystick/attack'),
      list: switchFlag('List the attacks'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Attack every interface of a running system; each attack must be refused for its reason',
    fullDescription: `Starts its own system on this machine, with users and rights on the broker, and sends a corpus of attacks over HTTP,
Kafka and the pages. Each must be refused with exactly its reason, and the books must not move. Then it mutates
envelopes, tokens and proofs from a seed, and verifies each in this process.

Exit status: 0 if everything was refused, 1 if not, 2 for a wrong flag.`,
  },
});

async function namesToChoose(): Promise<string[]> {
  const { families } = await import('./corpus.ts');
  return [
    ...new Set(families.flatMap(({ name, attacks }) => [name, ...attacks.map((attack) => attack.name)])),
  ];
}

/** Parses a name; the names are too many to tell all of them. */
function chosenFrom(names: readonly string[]): (text: string) => string {
  const known = new Set(names);
  const error = ({ input }: { input?: unknown }): string =>
    `there is no attack or family ${String(input)}; --list names them`;
  return checkedBy(
    z
      .string()
      .trim()
      .refine((name) => known.has(name), { error }),
  );
}

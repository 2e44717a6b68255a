import { numberFlag, readFlags } from '@tallystick/stack';
import * as z from 'zod';
import { faults } from './faults/index.ts';

export const usage = `Usage: npm run chaos -- [options]

Starts the system on this machine, puts a modest load on it and makes things go wrong by a seed: processes are killed,
paused and restarted, connections cut and slowed, clocks skewed, records replayed, attacks tried. Then everything is
healed, and once the system has come to rest every promise is looked at.

  --minutes N      how long faults are injected (default 10)
  --seed N         gives the same faults in the same order as before (default: drawn, and printed)
  --pairs N        share of the faults that a second one joins, on another target (default 0.3; 0: none)
  --rate N         payments due a second (default 50)
  --only A,B       these faults only, by the names that --list shows
  --directory DIR  where keys and logs go (default .tallystick/chaos)
  --list           list the faults and the promises
  --json           print one JSON object on stdout at the end, and nothing else there
  --help           this text

The exit status is 0 if every promise held, 1 if one did not, 2 for a wrong option.
`;

const names = faults.map(({ name }) => name);

const schema = z.object({
  minutes: numberFlag(z.number().min(0.1).max(1_440)).prefault('10'),
  seed: numberFlag(
    z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  ).optional(),
  pairs: numberFlag(z.number().min(0).max(1)).prefault('0.3'),
  rate: numberFlag(z.number().min(1).max(1_000)).prefault('50'),
  only: z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(
      z.array(
        z.enum(names, { error: ({ input }) => `there is no fault ${String(input)}; --list names them` }),
      ),
    )
    .default(names),
  directory: z.string().min(1).default('.tallystick/chaos'),
  list: z.boolean().default(false),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

export type ChaosFlags = z.output<typeof schema>;

/**
 * Reads the flags of `npm run chaos`.
 * @throws SettingError that names the flag
 */
export function parseFlags(args: readonly string[]): ChaosFlags {
  return readFlags(
    {
      command: 'npm run chaos',
      schema,
      texts: ['minutes', 'seed', 'pairs', 'rate', 'only', 'directory'],
      switches: ['list', 'json', 'help'],
    },
    args,
  );
}

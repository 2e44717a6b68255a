import { numberFlag, readFlags } from '@tallystick/stack';
import * as z from 'zod';
import { rehearsals } from './rehearsals/index.ts';

export const usage = `Usage: npm run rehearse -- [rehearsal …] [options]

Starts the system on this machine and pays. Then something is lost, what an operator does is done, and once the system
has come to rest every promise is looked at. Without names, all rehearsals run, each on a system of its own.

  --rate N         payments due a second (default 20)
  --pause S        how long payments go on between the steps, in seconds (default 4)
  --seed N         for the orders (default 1)
  --directory DIR  where keys and logs go (default .tallystick/rehearsal)
  --list           list the rehearsals
  --json           print one JSON object on stdout at the end, and nothing else there
  --help           this text

The exit status is 0 if every promise held, 1 if one did not, 2 for a wrong option.
`;

const names = rehearsals.map(({ name }) => name);

const schema = z.object({
  names: z.array(
    z.enum(names, { error: ({ input }) => `there is no rehearsal ${String(input)}; --list names them` }),
  ),
  rate: numberFlag(z.number().min(1).max(1_000)).prefault('20'),
  pause: numberFlag(z.number().min(0.1).max(3_600)).prefault('4'),
  seed: numberFlag(
    z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  ).prefault('1'),
  directory: z.string().min(1).default('.tallystick/rehearsal'),
  list: z.boolean().default(false),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

export type RehearsalFlags = z.output<typeof schema>;

/**
 * Reads the flags of `npm run rehearse`.
 * @throws SettingError that names the flag
 */
export function parseFlags(args: readonly string[]): RehearsalFlags {
  return readFlags(
    {
      command: 'npm run rehearse',
      schema,
      texts: ['rate', 'pause', 'seed', 'directory'],
      switches: ['list', 'json', 'help'],
      rest: 'names',
    },
    args,
  );
}

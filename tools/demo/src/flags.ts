import { parseArgs } from 'node:util';
import * as z from 'zod';

export const usage = `Usage: npm run demo -- [options]

Starts Kafka, Postgres, a trace store and the four services on this machine and tells the main story with real input.

  --tls              Kafka, Postgres and HTTP by TLS, with a user, rights and a password for each program
  --exit             end after the story: status 0 only if each step held, 1 otherwise
  --directory <dir>  where keys, logs and stack.json go (default .tallystick)
  --help             this text
`;

const flags = z.strictObject({
  exit: z.boolean(),
  tls: z.boolean(),
  help: z.boolean(),
  directory: z.string().min(1, 'must name a directory'),
});

export type Flags = z.output<typeof flags>;

/** A flag that is unknown or wrong: exit status 2. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

/** @throws FlagError that names the flag */
export function parseFlags(args: string[]): Flags {
  try {
    const { values } = parseArgs({
      args,
      options: {
        exit: { type: 'boolean', default: false },
        tls: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        directory: { type: 'string', default: '.tallystick' },
      },
    });
    const checked = flags.safeParse(values);
    if (checked.success) return checked.data;
    const [fault] = checked.error.issues;
    throw new FlagError(`--${String(fault?.path[0])} ${fault?.message}`);
  } catch (error) {
    if (error instanceof FlagError) throw error;
    throw new FlagError(`${(error as Error).message.split('.')[0]}. See npm run demo -- --help`);
  }
}

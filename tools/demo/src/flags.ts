import { parseArgs } from 'node:util';
import * as z from 'zod';

export const usage = `Usage: npm run demo -- [options]

Tells the main story with real input, on Kafka, Postgres, a trace store and the four services that it starts on this
machine, or on a system that runs already.

  --tls              Kafka, Postgres and HTTP by TLS, with a user, rights and a password for each program
  --compose          the system in containers, as infra/docker/compose.yaml has it (first: npm run images)
  --stack <file>     a system that runs already, by its stack.json
  --exit             end after the story: status 0 only if each step held, 1 otherwise
  --directory <dir>  where keys, logs and stack.json go (default .tallystick)
  --help             this text
`;

const flags = z
  .strictObject({
    exit: z.boolean(),
    tls: z.boolean(),
    compose: z.boolean(),
    stack: z.string().min(1, 'must name a file').optional(),
    help: z.boolean(),
    directory: z.string().min(1, 'must name a directory'),
  })
  .refine(({ tls, compose, stack }) => [tls, compose, stack !== undefined].filter(Boolean).length <= 1, {
    path: ['tls'],
    error: 'cannot stand beside --compose or --stack, nor these beside each other',
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
        compose: { type: 'boolean', default: false },
        stack: { type: 'string' },
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

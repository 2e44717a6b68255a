import { readFlags } from '@tallystick/stack';
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
    exit: z.boolean().default(false),
    tls: z.boolean().default(false),
    compose: z.boolean().default(false),
    stack: z.string().min(1, 'must name a file').optional(),
    help: z.boolean().default(false),
    directory: z.string().min(1, 'must name a directory').default('.tallystick'),
  })
  .refine(({ tls, compose, stack }) => [tls, compose, stack !== undefined].filter(Boolean).length <= 1, {
    path: ['tls'],
    error: 'cannot stand beside --compose or --stack, nor these beside each other',
  });

export type Flags = z.output<typeof flags>;

/** @throws SettingError that names the flag */
export function parseFlags(args: readonly string[]): Flags {
  return readFlags(
    {
      command: 'npm run demo',
      schema: flags,
      texts: ['stack', 'directory'],
      switches: ['tls', 'compose', 'exit', 'help'],
    },
    args,
  );
}

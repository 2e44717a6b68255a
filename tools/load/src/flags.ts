import { numberFlag, readFlags } from '@tallystick/stack';
import * as z from 'zod';

export const usage = `Usage: npm run load -- [options]

Measures payments a second from end to end, at a fixed rate and with the latency counted from the moment each order was
due, then checks that every cent is where it belongs. Before that, the same Postgres posts plain transfers, one a
transaction: the limit that the result is compared with. A system of its own is compiled first and runs as images do.

  --seconds N        how long the measured part lasts (default 60)
  --rate N           payments due a second; without it, the rate is searched for
  --capacity RATES   a table of what each of these rates takes, such as 50,200,800: each held for --seconds on a system
                     of its own
  --search           search for the highest rate that the system follows, then hold 90 % of it (the default)
  --mix MIX          account: from an account, at once (the default)
                     two-phase: from an account, held, then captured
                     card: by card, at once, over HTTP
                     mixed: half of the first, a quarter of each of the others
  --via WAY          kafka: orders of a third party on Kafka (the default)
                     http: a customer's requests with a token and a DPoP proof; a card pays over HTTP in any case
  --hot SHARE        share of payments that go to one merchant, 0 to 1 (default 0: all merchants alike)
  --accounts N       accounts to open, a tenth of them merchants' (default 1000)
  --replicas N       processes of each service that moves money (default 1; 2 share the topics' two partitions)
  --signatures WAY   batch: services sign what a transaction sends at once (the default)
                     all: the third party signs batches too; each: everyone signs message by message
  --stack FILE       use the running stack of this stack.json instead of starting one
  --directory DIR    where keys and logs of the own stack go (default .tallystick/load)
  --limit-seconds N  how long the limit is measured (default 10; 2 where --seconds is below 30)
  --profile          then hold the rate on and profile each service in turn, time and allocations; the files go to
                     --directory
  --svg FILE         draw latency over time
  --json             print one JSON object on stdout at the end, and nothing else there
  --help             this text

The exit status is 0 if every check held, 1 if one did not, 2 for a wrong option.
`;

export const mixes = ['account', 'card', 'two-phase', 'mixed'] as const;
export type Mix = (typeof mixes)[number];

const flagsSchema = z
  .object({
    seconds: numberFlag(z.number().min(1).max(3_600)).prefault('60'),
    rate: numberFlag(z.number().min(1).max(100_000)).optional(),
    capacity: z
      .string()
      .transform((text) => text.split(',').map((rate) => rate.trim()))
      .pipe(z.array(numberFlag(z.number().min(1).max(100_000))).min(1))
      .optional(),
    search: z.boolean().default(false),
    mix: z.enum(mixes).default('account'),
    via: z.enum(['kafka', 'http']).default('kafka'),
    hot: numberFlag(z.number().min(0).max(1)).prefault('0'),
    accounts: numberFlag(z.int().min(20).max(100_000)).prefault('1000'),
    signatures: z.enum(['batch', 'all', 'each']).default('batch'),
    replicas: numberFlag(z.int().min(1).max(2)).prefault('1'),
    stack: z.string().min(1).optional(),
    directory: z.string().min(1).default('.tallystick/load'),
    'limit-seconds': numberFlag(z.number().min(1).max(120)).optional(),
    profile: z.boolean().default(false),
    svg: z.string().min(1).optional(),
    json: z.boolean().default(false),
    help: z.boolean().default(false),
  })
  .refine(({ rate, search }) => rate === undefined || !search, {
    path: ['search'],
    error: 'cannot stand beside --rate',
  })
  .refine(
    ({ rate, search, stack, capacity }) =>
      capacity === undefined || (!(rate ?? search) && stack === undefined),
    {
      path: ['capacity'],
      error: 'cannot stand beside --rate, --search or --stack',
    },
  )
  .refine(({ stack, signatures }) => stack === undefined || signatures === 'batch', {
    path: ['signatures'],
    error: 'cannot stand beside --stack',
  })
  .refine(({ stack, replicas }) => stack === undefined || replicas === 1, {
    path: ['replicas'],
    error: 'cannot stand beside --stack',
  })
  .transform(({ 'limit-seconds': limitSeconds, ...flags }) => ({
    ...flags,
    limitSeconds: limitSeconds ?? (flags.seconds < 30 ? 2 : 10),
  }));

export type Flags = z.output<typeof flagsSchema>;

/**
 * Reads the flags of `npm run load`.
 * @throws SettingError that names the flag
 */
export function parseFlags(args: readonly string[]): Flags {
  return readFlags(
    {
      command: 'npm run load',
      schema: flagsSchema,
      texts: [
        'seconds',
        'rate',
        'capacity',
        'mix',
        'via',
        'hot',
        'accounts',
        'replicas',
        'signatures',
        'stack',
        'directory',
        'limit-seconds',
        'svg',
      ],
      switches: ['search', 'profile', 'json', 'help'],
    },
    args,
  );
}

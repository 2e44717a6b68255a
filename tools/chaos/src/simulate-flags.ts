import { readFlags } from '@tallystick/stack';
import * as z from 'zod';

export const usage = `Usage: npm run simulate -- [options]

Plays the decisions of the ledger, the card rules and the payment saga against one another in memory: crashes before
and after each commit, messages late, doubled, replayed and out of order, processes that lost their partition. After
each run every promise is looked at. A seed always gives the same run.

  --seeds N   how many runs (default 2000), from --seed on
  --seed N    with --seeds: the first of them; alone: this one only
  --json      print one JSON object on stdout, and nothing else there
  --help      this text

The exit status is 0 if every promise held, 1 if one did not, 2 for a wrong option.
`;

const whole = (min: number, max: number) =>
  z
    .string()
    .trim()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max));

const schema = z
  .object({
    seeds: whole(1, 10_000_000).optional(),
    seed: whole(0, 2 ** 32 - 1).optional(),
    json: z.boolean().default(false),
    help: z.boolean().default(false),
  })
  .transform(({ seeds, seed, ...flags }) => ({
    ...flags,
    first: seed ?? 1,
    count: seeds ?? (seed === undefined ? 2_000 : 1),
  }));

export type SimulateFlags = z.output<typeof schema>;

/**
 * Reads the flags of `npm run simulate`.
 * @throws SettingError that names the flag
 */
export function parseSimulateFlags(args: readonly string[]): SimulateFlags {
  return readFlags(
    { command: 'npm run simulate', schema, texts: ['seeds', 'seed'], switches: ['json', 'help'] },
    args,
  );
}

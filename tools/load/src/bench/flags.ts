import { parseArgs } from 'node:util';
import { SettingError } from '@tallystick/stack';
import * as z from 'zod';

/** @param names of the parts, with what each is */
export function usageOf(parts: readonly { name: string; summary: string }[]): string {
  const width = Math.max(...parts.map(({ name }) => name.length));
  return `Usage: npm run bench -- [options]

Measures the parts, each beside what it cannot go beyond: median, lowest and highest of several rounds after a warm-up,
the part and its limit in turn.

${parts.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

  --only NAME       only this part; may be given several times
  --rounds N        rounds of each (default 5)
  --history-rows N  entries in the long past of the flatness part (default 1000000; 10000000 takes some minutes)
  --directory DIR   where logs of Kafka and Postgres go (default .tallystick/bench)
  --json            print one JSON object on stdout at the end, and nothing else there
  --help            this text
`;
}

export interface BenchFlags {
  only: string[];
  rounds: number;
  historyRows: number;
  directory: string;
  json: boolean;
  help: boolean;
}

/**
 * Reads the flags of `npm run bench`.
 * @throws SettingError that names the flag
 */
export function parseBenchFlags(args: string[], names: readonly string[]): BenchFlags {
  let values: object;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        'history-rows': { type: 'string' },
        directory: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    throw new SettingError(`${(error as Error).message.split('. ')[0]}; npm run bench -- --help lists them`, {
      cause: error,
    });
  }
  const schema = z
    .object({
      only: z.array(z.enum(names as [string, ...string[]])).default([]),
      rounds: z.string().transform(Number).pipe(z.int().min(1).max(100)).prefault('5'),
      'history-rows': z
        .string()
        .transform(Number)
        .pipe(z.int().min(10_000).max(100_000_000))
        .prefault('1000000'),
      directory: z.string().min(1).default('.tallystick/bench'),
      json: z.boolean().default(false),
      help: z.boolean().default(false),
    })
    .transform(({ 'history-rows': historyRows, ...flags }) => ({ ...flags, historyRows }));
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new SettingError(
    parsed.error.issues.map(({ path, message }) => `--${String(path[0])}: ${message}`).join('\n'),
  );
}

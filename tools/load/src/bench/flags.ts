import { numberFlag, readFlags } from '@tallystick/stack';
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
export function parseBenchFlags(args: readonly string[], names: readonly string[]): BenchFlags {
  const schema = z
    .object({
      only: z.array(z.enum(names as [string, ...string[]])).default([]),
      rounds: numberFlag(z.int().min(1).max(100)).prefault('5'),
      'history-rows': numberFlag(z.int().min(10_000).max(100_000_000)).prefault('1000000'),
      directory: z.string().min(1).default('.tallystick/bench'),
      json: z.boolean().default(false),
      help: z.boolean().default(false),
    })
    .transform(({ 'history-rows': historyRows, ...flags }) => ({ ...flags, historyRows }));
  return readFlags(
    {
      command: 'npm run bench',
      schema,
      texts: ['rounds', 'history-rows', 'directory'],
      lists: ['only'],
      switches: ['json', 'help'],
    },
    args,
  );
}

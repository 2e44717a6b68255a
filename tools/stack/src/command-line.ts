import { parseArgs } from 'node:util';
import * as z from 'zod';

import { messageOf, SettingError } from './errors.ts';

/** What a command takes, by how it is written. */
export interface CommandLine<Schema extends z.ZodType> {
  /** as a person types it, such as `npm run load` */
  command: string;
  /** checks and converts what was given; a flag that was not given is absent */
  schema: Schema;
  /** flags with a value */
  texts?: readonly string[];
  /** flags with a value that may be given several times; an array each */
  lists?: readonly string[];
  /** flags without a value */
  switches?: readonly string[];
  /** the name under which the schema finds what is no flag; where absent, there may be nothing else */
  rest?: string;
}

/**
 * Reads the arguments of a command.
 *
 * @param args the arguments after the program
 * @returns what the schema makes of them
 * @throws SettingError, a line for each fault, with the flag's name
 */
export function readFlags<Schema extends z.ZodType>(
  { command, schema, texts = [], lists = [], switches = [], rest }: CommandLine<Schema>,
  args: readonly string[],
): z.output<Schema> {
  let given: object;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: rest !== undefined,
      options: Object.fromEntries([
        ...texts.map((name) => [name, { type: 'string' }] as const),
        ...lists.map((name) => [name, { type: 'string', multiple: true }] as const),
        ...switches.map((name) => [name, { type: 'boolean' }] as const),
      ]),
    });
    given = rest === undefined ? values : { ...values, [rest]: positionals };
  } catch (error) {
    // node:util adds advice about arguments that are no flags
    throw new SettingError(`${messageOf(error).split('. ')[0]}; ${command} -- --help lists them`, {
      cause: error,
    });
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path[0] === rest ? message : `--${String(path[0])}: ${message}`,
  );
  throw new SettingError([...new Set(faults)].join('\n'));
}

/** A flag that is a number, within what the schema says. */
export function numberFlag(schema: z.ZodNumber): z.ZodType<number, string> {
  return z.string().trim().min(1).transform(Number).pipe(schema);
}

/** Whether a person wants to be told how a command is used, whatever else it says. */
export function asksForHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h');
}

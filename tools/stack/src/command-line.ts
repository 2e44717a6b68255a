import { join } from 'node:path';
import * as z from 'zod';

import { SettingError } from './errors.ts';
import { isEnding, stopOnExit } from './process/stop-on-exit.ts';
import { reportFault } from './report-fault.ts';

/** Common parts of the flags of all commands. Stricli reads them; a zod schema checks each value. */

/**
 * Makes the parser of a flag or argument from a schema.
 * @throws SettingError with the schema's messages; Stricli's caller adds the flag's name
 */
export function checkedBy<T>(schema: z.ZodType<T, string>): (text: string) => T {
  return (text) => {
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    throw new SettingError(parsed.error.issues.map(({ message }) => message).join('; '));
  };
}

/** Makes the parser of a number within the schema's limits. */
export function numberWithin(schema: z.ZodNumber): (text: string) => number {
  return checkedBy(
    z
      .string()
      .trim()
      .regex(/^-?\d+(\.\d+)?$/, 'must be a number')
      .transform(Number)
      .pipe(schema),
  );
}

/** Makes the parser of one of some names. */
export function oneOf<Name extends string>(names: readonly Name[], what: string): (text: string) => Name {
  return (text) => {
    const found = names.find((name) => name === text.trim());
    if (found !== undefined) return found;
    throw new SettingError(`there is no ${what} ${text}; choose from ${names.join(', ')}`);
  };
}

/** A flag without a value. */
export function switchFlag(brief: string) {
  return { kind: 'boolean', brief, optional: true, withNegated: false } as const;
}

/** The flag of every command that has a result. */
export const jsonFlag = switchFlag('Print only the result on stdout, as one JSON object');

/** The flag that names the folder for keys and logs of a command's own stack. */
export function directoryFlag(byDefault: string) {
  return {
    kind: 'parsed',
    parse: checkedBy(z.string().min(1, 'must name a folder')),
    placeholder: 'path',
    brief: 'Folder for keys, logs and stack.json',
    default: byDefault,
  } as const;
}

/** The seed of a run that can be repeated: an integer of 32 bits. */
export const seed = numberWithin(
  z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
);

/** 0: done, every check held. 1: it failed. 2: a wrong flag or setting. */
export type ExitStatus = 0 | 1 | 2;

/**
 * Makes a command's function, as Stricli calls it, from its main function.
 *
 * An exit status ends the process, even if a handle is still open. Without one the process stays up until a
 * signal. An error is printed to stderr; a signal that stops the parts below `main` is not an error.
 */
export function program<Flags, Args extends unknown[] = []>(
  main: (flags: Flags, ...args: Args) => Promise<ExitStatus | void>,
): (flags: Flags, ...args: Args) => Promise<void> {
  return async (flags, ...args) => {
    // A signal then always ends the process by the same way, with status 128 + its number.
    const unregister = stopOnExit(async () => {});
    try {
      const status = await main(flags, ...args);
      if (status !== undefined && !isEnding()) process.exit(status);
    } catch (fault) {
      if (!isEnding()) process.exit(reportFault(fault));
    } finally {
      unregister();
    }
  };
}

/** The program of this checkout, for tools that run another one. */
export const TALLYSTICK = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.bin', 'tallystick');

/** Prints one JSON object on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Tells the progress of a command on stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

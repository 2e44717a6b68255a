import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';

/** A setting that is missing or wrong. `message` lists every fault, a line each, by the variable's name. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  /** Exit status for a wrong setting or flag. */
  readonly exitCode = 2;
}

type Environment = Record<string, string | undefined>;

/**
 * Turns environment variables into a typed configuration.
 * An empty variable counts as absent. Values are never repeated in the error, since one may be a secret.
 * @throws ConfigurationError that names every variable that is missing or wrong
 */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const given = givenIn(environment);
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw faultsOf(result.error, given);
}

/**
 * The same for a schema in which variables name files, by {@link fileHolding}: those are read, and their faults are told
 * beside all others.
 * @throws ConfigurationError that names every variable that is missing or wrong, and every file that is
 */
export async function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment,
): Promise<z.output<Schema>> {
  const given = givenIn(environment);
  const result = await schema.safeParseAsync(given);
  if (result.success) return result.data;
  throw faultsOf(result.error, given);
}

/**
 * A setting that names a file, and becomes what the file holds.
 * @param load reads the file, and throws a ConfigurationError that names it where it is of no use
 */
export function fileHolding<Content>(
  load: (path: string) => Promise<Content>,
): z.ZodPipe<z.ZodString, z.ZodTransform<Content, string>> {
  return z
    .string()
    .min(1)
    .transform(async (path, context) => {
      try {
        return await load(path);
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    });
}

/**
 * A setting that names a file which may be replaced while the program runs: what it holds is checked at the start, and
 * its path is what becomes of the setting.
 * @param load as of {@link fileHolding}
 */
export function fileToFollow(
  load: (path: string) => Promise<unknown>,
): z.ZodPipe<z.ZodString, z.ZodTransform<string, string>> {
  return fileHolding(async (path) => {
    await load(path);
    return path;
  });
}

/**
 * Reads a file with nothing secret in it.
 * @throws ConfigurationError naming the file where it cannot be read
 */
export async function readSettingFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Reads a file that holds a secret.
 * @throws ConfigurationError that names the file, if others may read it or it cannot be read
 */
export async function readPrivateFile(file: string): Promise<string> {
  try {
    const { mode } = await stat(file);
    // A group may read it: that is how Kubernetes mounts secrets for a non-root user.
    if ((mode & 0o007) !== 0) throw new ConfigurationError(`${file}: others may read this key; chmod 600 it`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw unreadable(file, error);
  }
}

/** What to do about a file that cannot be read, as a ConfigurationError. */
function unreadable(path: string, error: unknown): ConfigurationError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const advice =
    code === 'ENOENT' ? '; make it, or name another' : code === 'EACCES' ? '; let this user read it' : '';
  return new ConfigurationError(`${path}: cannot be read (${code})${advice}`);
}

function givenIn(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
}

function faultsOf(error: z.ZodError, given: Environment): ConfigurationError {
  const lines = error.issues.map((issue) => {
    const name = String(issue.path[0] ?? '(environment)');
    const isAbsent = given[name] === undefined && issue.code !== 'custom';
    return isAbsent ? `${name}: is not set` : `${name}: ${issue.message}`;
  });
  return new ConfigurationError(`the configuration is not usable:\n  ${[...new Set(lines)].join('\n  ')}`);
}

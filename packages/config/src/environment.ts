import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';

/** A missing or invalid setting. `message` lists every fault on its own line, by the name of the variable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  /** Exit status for an invalid setting or flag. */
  readonly exitCode = 2;
}

type Environment = Record<string, string | undefined>;

/**
 * Parses environment variables into a typed configuration. An empty variable counts as absent. The error repeats no
 * values, since a value may be a secret.
 * @throws ConfigurationError that names every missing or invalid variable
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
 * Parses environment variables and reads the files that they name (see {@link fileHolding}). It reports the faults of
 * files together with all others.
 * @throws ConfigurationError that names every missing or invalid variable and file
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
 * Creates the schema of a setting that names a file; its parsed value is the loaded content.
 * @param load reads the file; throws a ConfigurationError that names an unusable file
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
 * Creates the schema of a setting whose file may be replaced at run time; its parsed value is the path. The content is
 * checked when the configuration is read.
 * @param load see {@link fileHolding}
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
 * Reads a file that holds no secret.
 * @throws ConfigurationError that names the file if it cannot be read
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
 * @throws ConfigurationError that names the file if other users may read it or it cannot be read
 */
export async function readPrivateFile(file: string): Promise<string> {
  try {
    const { mode } = await stat(file);
    // The group may read it: Kubernetes mounts secrets for a non-root user that way.
    if ((mode & 0o007) !== 0) throw new ConfigurationError(`${file}: others may read this key; chmod 600 it`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw unreadable(file, error);
  }
}

/** Describes why a file cannot be read and what to do about it. */
function unreadable(path: string, error: unknown): ConfigurationError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const advice =
    code === 'ENOENT'
      ? '; create it, or name another file'
      : code === 'EACCES'
        ? '; let this user read it'
        : '';
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

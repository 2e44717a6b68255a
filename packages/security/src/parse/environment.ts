import type * as z from 'zod';

/** A setting that is missing or wrong. `message` lists every fault, a line each, by the variable's name. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  /** Exit status for a wrong setting or flag. */
  readonly exitCode = 2;
}

/**
 * Turns environment variables into a typed configuration.
 * An empty variable counts as absent. Values are never repeated in the error, since one may be a secret.
 * @throws ConfigurationError that names every variable that is missing or wrong
 */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Record<string, string | undefined>,
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? '(environment)');
    const isAbsent = given[name] === undefined && issue.code !== 'custom';
    return isAbsent ? `${name}: is not set` : `${name}: ${issue.message}`;
  });
  throw new ConfigurationError(`the configuration is not usable:\n  ${[...new Set(lines)].join('\n  ')}`);
}

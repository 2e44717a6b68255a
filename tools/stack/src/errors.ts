import { types } from 'node:util';

/**
 * A missing prerequisite of this machine: a program, a free port, disk space. The message is one sentence that says
 * what to do; a command prints it without a stack trace and exits with status 1.
 */
export class PrerequisiteError extends Error {
  override readonly name = 'PrerequisiteError';
}

/** A wrong setting or flag: the message names it, and the command exits with status 2. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** Returns the code of a system error (`ENOENT`, `ENOSPC`, …), or undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  // isNativeError: a test runner gives each file a separate global Error, which instanceof would compare with
  return types.isNativeError(error) && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** Returns the message of any thrown value. */
export function messageOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  // an AggregateError of a connection has no message itself
  if (error.message === '' && 'errors' in error && Array.isArray(error.errors)) {
    return error.errors.map(messageOf).join('; ');
  }
  return error.message;
}

/** Runs `work`; returns `missing` if the system reports that the file does not exist (`ENOENT`). */
export function unlessMissing<T, M>(work: () => T, missing: M): T | M {
  try {
    return work();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return missing;
    throw error;
  }
}

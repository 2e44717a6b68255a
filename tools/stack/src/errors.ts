import { types } from 'node:util';

/**
 * Something this machine lacks: a program, a free port, room on the disk. The message is one sentence that says
 * what to do; a command prints it without a stack trace and ends with exit status 1.
 */
export class PrerequisiteError extends Error {
  override readonly name = 'PrerequisiteError';
}

/** A wrong setting or flag: the message names it, and a command ends with exit status 2. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** The code of a system error (`ENOENT`, `ENOSPC`, …), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  // isNativeError: a test runner gives each file a global Error of its own, which instanceof would compare with
  return types.isNativeError(error) && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  // an AggregateError of a connection has no message of its own
  if (error.message === '' && 'errors' in error && Array.isArray(error.errors)) {
    return error.errors.map(messageOf).join('; ');
  }
  return error.message;
}

/** Runs `work`; if the system says that the thing is not there (`ENOENT`), answers `missing` instead. */
export function unlessMissing<T, M>(work: () => T, missing: M): T | M {
  try {
    return work();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return missing;
    throw error;
  }
}

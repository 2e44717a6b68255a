import { types } from 'node:util';

import { PrerequisiteError, SettingError } from './errors.ts';

/**
 * Prints the reason why a command ends: one line for a wrong setting or a missing prerequisite, else the stack trace.
 *
 * @param fault the thrown value
 * @returns the exit status: 2 for a wrong setting or flag, 1 for anything else
 */
export function reportFault(fault: unknown): 1 | 2 {
  const known = fault instanceof SettingError || fault instanceof PrerequisiteError;
  const text = types.isNativeError(fault)
    ? known
      ? fault.message
      : (fault.stack ?? fault.message)
    : String(fault);
  process.stderr.write(`${text}\n`);
  return fault instanceof SettingError ? 2 : 1;
}

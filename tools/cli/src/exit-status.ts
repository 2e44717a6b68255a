/** What Stricli sets for an unknown command and for a wrong flag or argument. */
const WRONG_COMMAND_LINE: readonly unknown[] = [-5, -4];

/** @returns 0 if the command is done, 2 for a wrong command line, otherwise 1 */
export function exitStatusOf(code: number | string | null | undefined): number {
  if (code === undefined || code === null || code === 0) return 0;
  if (WRONG_COMMAND_LINE.includes(code)) return 2;
  return typeof code === 'number' && code > 0 ? code : 1;
}

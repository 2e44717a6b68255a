/**
 * The flags of Node by which a program runs from its TypeScript sources: those of this process, which
 * tools/cli/bin/tallystick has set.
 */
export const sourceFlags: readonly string[] = process.execArgv.filter((flag) =>
  /^--(conditions|disable-warning)=/.test(flag),
);

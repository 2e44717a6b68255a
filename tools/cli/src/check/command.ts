import { buildCommand } from '@stricli/core';
import { jsonFlag, oneOf } from '@tallystick/stack/command-line.ts';

/** The checks in their order: each program with its arguments. */
export const checks = {
  build: ['nx', 'run-many', '-t', 'build'],
  types: ['tsc', '-p', 'tsconfig.json'],
  generated: ['tallystick', 'generate', '--check'],
  contracts: ['tallystick', 'contracts', 'compare'],
  lint: ['oxlint', '--type-aware', '--deny-warnings'],
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  dead: ['knip', '--no-config-hints'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type CheckName = keyof typeof checks;
export const checkNames = Object.keys(checks) as CheckName[];

export interface CheckFlags {
  json?: boolean;
}

export const checkCommand = buildCommand<CheckFlags, CheckName[]>({
  loader: async () => (await import('./check.ts')).check,
  parameters: {
    flags: { json: jsonFlag },
    positional: {
      kind: 'array',
      parameter: {
        parse: oneOf(checkNames, 'check'),
        proposeCompletions: () => checkNames,
        placeholder: 'check',
        brief: `Run only these: ${checkNames.join(', ')}`,
      },
    },
  },
  docs: {
    brief: 'Check builds, types, generated files, compatibility of contracts, lint, format and dead code',
    fullDescription: `Runs every check, even if an earlier one failed, and prints the failed ones. The check
\`contracts\` compares the contracts with those of the last release and refuses a breaking change without a new version:
tallystick contracts compare --help.

Exit status: 0 if every check passed, 1 if one failed, 2 for a wrong flag.`,
  },
});

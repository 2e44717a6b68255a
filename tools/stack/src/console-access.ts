import type { StackFile } from './stack-file.ts';

/** Returns the lines that lead a person to the console: its address, and an operator who signs in; none without it. */
export function consoleLines({ services, operators }: Pick<StackFile, 'services' | 'operators'>): string[] {
  const [operator] = operators;
  if (services.console === undefined || operator === undefined) return [];
  return [
    `Console: ${services.console}`,
    `Sign in as ${operator.email} with ${operator.password} (${operator.roles.join(', ')}).`,
  ];
}

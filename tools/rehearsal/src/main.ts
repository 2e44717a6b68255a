import { printJson, program, say, type ExitStatus } from '@tallystick/stack';
import type { RehearsalFlags } from './command.ts';
import { rehearse, type RehearsalResult } from './rehearse.ts';
import { rehearsals } from './rehearsals/index.ts';

/** Runs `tallystick rehearse`. */
export const rehearseAll = program(async (flags: RehearsalFlags, ...names: string[]): Promise<ExitStatus> => {
  if (flags.list === true) {
    list(flags);
    return 0;
  }
  const { rate, pause, seed, directory, json } = flags;
  const chosen = rehearsals.filter(({ name }) => names.length === 0 || names.includes(name));
  const results: RehearsalResult[] = [];
  for (const rehearsal of chosen) {
    results.push(await rehearse(rehearsal, { directory, rate, pauseMs: pause * 1_000, seed }, say));
    if (json !== true) process.stdout.write(report(results.at(-1)!));
  }
  if (json === true) printJson({ rehearsals: results });
  return results.every(({ promises }) => promises.every(({ held }) => held)) ? 0 : 1;
});

function report({ name, payments, quietAfterS, promises }: RehearsalResult): string {
  const statuses = Object.entries(payments)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
  const rest = quietAfterS === null ? 'did not become idle' : `was idle within ${quietAfterS} s`;
  const lines = promises.map(
    ({ name: promised, held, detail }) =>
      `  ${held ? '✓' : '✗'} ${promised}${held ? '' : `: ${detail ?? ''}`}\n`,
  );
  return `\n${name}: payments: ${statuses}; the system ${rest}.\n${lines.join('')}`;
}

function list({ json }: RehearsalFlags): void {
  if (json === true) {
    printJson(rehearsals.map(({ name, does }) => ({ name, does })));
    return;
  }
  const width = Math.max(...rehearsals.map(({ name }) => name.length));
  for (const { name, does } of rehearsals) process.stdout.write(`${name.padEnd(width)}  ${does}\n`);
}

import { randomInt } from 'node:crypto';
import { printJson, program, say, type ExitStatus } from '@tallystick/stack';
import type { ChaosFlags } from './command.ts';
import { faults } from './faults/index.ts';
import { promises } from './promises/index.ts';
import { watchedPromises } from './watched/index.ts';
import { runChaos, type ChaosResult } from './run-chaos.ts';

/** Runs `tallystick chaos`. */
export const chaos = program(async (flags: ChaosFlags): Promise<ExitStatus> => {
  if (flags.list === true) {
    list(flags);
    return 0;
  }
  const seed = flags.seed ?? randomInt(2 ** 32 - 1);
  const again = commandOf(flags, seed);
  say(`Seed ${seed}. To repeat: ${again}`);
  const result = await runChaos(flags, seed, say);
  if (flags.json === true) printJson(result);
  else process.stdout.write(report(result, again));
  return result.promises.every(({ held }) => held) ? 0 : 1;
});

/** The command that makes the same run. */
function commandOf({ minutes, pairs, rate, only }: ChaosFlags, seed: number): string {
  const chosen = only === undefined ? '' : ` --only ${only.join(',')}`;
  return `npx tallystick chaos --minutes ${minutes} --seed ${seed} --pairs ${pairs} --rate ${rate}${chosen}`;
}

function report(
  { seed, minutes, faults: injected, payments, attacks, quietAfterS, promises: kept }: ChaosResult,
  command: string,
): string {
  const statuses = Object.entries(payments)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
  const rest =
    quietAfterS === null ? 'did not become idle' : `was idle ${quietAfterS} s after the faults were removed`;
  const lines = kept.map(
    ({ name, held, detail, looks }) =>
      `  ${held ? '✓' : '✗'} ${name}${looks === undefined ? '' : ` (${looks.seen} looks)`}${held ? '' : `: ${detail ?? ''}`}`,
  );
  const broken = kept.find(({ held }) => !held);
  const end =
    broken === undefined
      ? 'Every promise held.'
      : `Broken first, with seed ${seed}: ${broken.name}. To repeat: ${command}`;
  return `\n${injected.length} faults and ${attacks} attacks in ${minutes} min; payments: ${statuses}; the system ${rest}.\n${lines.join('\n')}\n${end}\n`;
}

function list({ json }: ChaosFlags): void {
  if (json === true) {
    printJson({
      faults: faults.map(({ name, does }) => ({ name, does })),
      watchedPromises: watchedPromises.map(({ name }) => name),
      promises: promises.map(({ name }) => name),
    });
    return;
  }
  const width = Math.max(...faults.map(({ name }) => name.length));
  const lines = [
    'Faults:',
    ...faults.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}`),
    'Promises, checked while faults run:',
    ...watchedPromises.map(({ name }) => `  ${name}`),
    'Promises, checked once the system is idle:',
    ...promises.map(({ name }) => `  ${name}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

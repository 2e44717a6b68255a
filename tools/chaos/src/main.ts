import { randomInt } from 'node:crypto';
import { watchForSignals } from '@tallystick/load';
import { reportFault } from '@tallystick/stack';
import { faults } from './faults/index.ts';
import { parseFlags, usage, type ChaosFlags } from './flags.ts';
import { promises } from './promises/index.ts';
import { watchedPromises } from './watched/index.ts';
import { runChaos, type ChaosResult } from './run-chaos.ts';

const isInterrupted = watchForSignals();

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(usage);
  else if (flags.list) process.stdout.write(listing());
  else process.exit(await run(flags));
} catch (fault) {
  if (!isInterrupted()) process.exit(reportFault(fault));
}
if (!isInterrupted()) process.exit(0);

/** @returns the exit status */
async function run(flags: ChaosFlags): Promise<number> {
  const seed = flags.seed ?? randomInt(2 ** 32 - 1);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`Seed ${seed}. The same faults again: ${again(flags, seed)}`);
  const result = await runChaos(flags, seed, say);
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : report(result, again(flags, seed)));
  return result.promises.every(({ held }) => held) ? 0 : 1;
}

/** The command that makes the same run. */
function again({ minutes, pairs, rate, only }: ChaosFlags, seed: number): string {
  const all = parseFlags([]).only.length === only.length;
  return `npm run chaos -- --minutes ${minutes} --seed ${seed} --pairs ${pairs} --rate ${rate}${all ? '' : ` --only ${only.join(',')}`}`;
}

function report(
  { seed, minutes, faults: injected, payments, attacks, quietAfterS, promises: kept }: ChaosResult,
  command: string,
): string {
  const statuses = Object.entries(payments)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
  const rest =
    quietAfterS === null ? 'did not come to rest' : `came to rest ${quietAfterS} s after the healing`;
  const lines = kept.map(
    ({ name, held, detail, looks }) =>
      `  ${held ? '✓' : '✗'} ${name}${looks === undefined ? '' : ` (${looks.seen} looks)`}${held ? '' : `: ${detail ?? ''}`}`,
  );
  const broken = kept.find(({ held }) => !held);
  const end =
    broken === undefined
      ? 'Every promise held.'
      : `Broken first, with seed ${seed}: ${broken.name}. Again: ${command}`;
  return `\n${injected.length} faults and ${attacks} attacks in ${minutes} min; payments: ${statuses}; the system ${rest}.\n${lines.join('\n')}\n${end}\n`;
}

function listing(): string {
  const width = Math.max(...faults.map(({ name }) => name.length));
  const listed = faults.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}`);
  return `Faults:\n${listed.join('\n')}\nPromises, while faults run:\n${named(watchedPromises)}\nPromises, once all has come to rest:\n${named(promises)}\n`;
}

function named(all: readonly { name: string }[]): string {
  return all.map(({ name }) => `  ${name}`).join('\n');
}

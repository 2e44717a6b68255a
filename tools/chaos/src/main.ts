import { randomInt } from 'node:crypto';
import { watchForSignals } from '@tallystick/load';
import { reportFault } from '@tallystick/stack';
import { faults } from './faults/index.ts';
import { parseFlags, usage, type ChaosFlags } from './flags.ts';
import { promises } from './promises/index.ts';
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
  say(`Seed ${seed}: the same faults again with --seed ${seed} --minutes ${flags.minutes}`);
  const result = await runChaos(flags, seed, say);
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : report(result));
  return result.promises.every(({ held }) => held) ? 0 : 1;
}

function report({
  seed,
  minutes,
  faults: injected,
  payments,
  attacks,
  quietAfterS,
  promises: kept,
}: ChaosResult): string {
  const statuses = Object.entries(payments)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
  const rest =
    quietAfterS === null ? 'did not come to rest' : `came to rest ${quietAfterS} s after the healing`;
  const lines = kept.map(
    ({ name, held, detail }) => `  ${held ? '✓' : '✗'} ${name}${held ? '' : `: ${detail ?? ''}`}`,
  );
  const broken = kept.find(({ held }) => !held);
  const end =
    broken === undefined
      ? 'Every promise held.'
      : `Broken first: ${broken.name}. Again: npm run chaos -- --minutes ${minutes} --seed ${seed}`;
  return `\n${injected.length} faults and ${attacks} attacks in ${minutes} min; payments: ${statuses}; the system ${rest}.\n${lines.join('\n')}\n${end}\n`;
}

function listing(): string {
  const width = Math.max(...faults.map(({ name }) => name.length));
  const listed = faults.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}`);
  return `Faults:\n${listed.join('\n')}\nPromises:\n${promises.map(({ name }) => `  ${name}`).join('\n')}\n`;
}

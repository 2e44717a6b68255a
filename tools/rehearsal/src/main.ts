import { watchForSignals } from '@tallystick/load';
import { reportFault } from '@tallystick/stack';
import { parseFlags, usage, type RehearsalFlags } from './flags.ts';
import { rehearse, type RehearsalResult } from './rehearse.ts';
import { rehearsals } from './rehearsals/index.ts';

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
async function run({ names, rate, pause, seed, directory, json }: RehearsalFlags): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const chosen = rehearsals.filter(({ name }) => names.length === 0 || names.includes(name));
  const results: RehearsalResult[] = [];
  for (const rehearsal of chosen) {
    results.push(await rehearse(rehearsal, { directory, rate, pauseMs: pause * 1_000, seed }, say));
    if (!json) process.stdout.write(report(results.at(-1)!));
  }
  if (json) process.stdout.write(`${JSON.stringify({ rehearsals: results })}\n`);
  return results.every(({ promises }) => promises.every(({ held }) => held)) ? 0 : 1;
}

function report({ name, payments, quietAfterS, promises }: RehearsalResult): string {
  const statuses = Object.entries(payments)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
  const rest = quietAfterS === null ? 'did not come to rest' : `came to rest within ${quietAfterS} s`;
  const lines = promises.map(
    ({ name: promised, held, detail }) =>
      `  ${held ? '✓' : '✗'} ${promised}${held ? '' : `: ${detail ?? ''}`}\n`,
  );
  return `\n${name}: payments: ${statuses}; the system ${rest}.\n${lines.join('')}`;
}

function listing(): string {
  const width = Math.max(...rehearsals.map(({ name }) => name.length));
  return rehearsals.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}\n`).join('');
}

import { reportFault } from '@tallystick/stack';
import { parseFlags, usage, type Flags } from './flags.ts';
import { watchForSignals } from './interrupted.ts';
import { Progress } from './progress.ts';
import { runLoad } from './run-load.ts';
import { capacityTable } from './capacity-table.ts';
import { tableOf, type Summary } from './summary.ts';
import { openTarget } from './system/target.ts';

const isInterrupted = watchForSignals();

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(usage);
  else process.exit(flags.capacity === undefined ? await load(flags) : await capacity(flags, flags.capacity));
} catch (fault) {
  if (!isInterrupted()) process.exit(reportFault(fault));
}

/** @returns the exit status */
async function load(flags: Flags): Promise<number> {
  const summary = await measure(flags);
  process.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : tableOf(summary));
  return isRight(summary) ? 0 : 1;
}

/** @returns the exit status */
async function capacity(flags: Flags, rates: readonly number[]): Promise<number> {
  const summaries: Summary[] = [];
  for (const rate of rates) summaries.push(await measure({ ...flags, rate }));
  process.stdout.write(flags.json ? `${JSON.stringify(summaries)}\n` : capacityTable(summaries));
  return summaries.every(isRight) ? 0 : 1;
}

async function measure(flags: Flags): Promise<Summary> {
  const progress = new Progress();
  const target = await openTarget(flags, progress.say);
  try {
    return await runLoad(target, flags, progress);
  } finally {
    if (!isInterrupted()) await target.stop();
  }
}

function isRight({ checks }: Summary): boolean {
  return Object.values(checks).every(Boolean);
}

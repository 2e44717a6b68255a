import { reportFault } from '@tallystick/stack';
import { parseFlags, usage, type Flags } from './flags.ts';
import { watchForSignals } from './interrupted.ts';
import { Progress } from './progress.ts';
import { runLoad } from './run-load.ts';
import { tableOf } from './summary.ts';
import { openTarget } from './system/target.ts';

const isInterrupted = watchForSignals();

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(usage);
  else process.exit(await load(flags));
} catch (fault) {
  if (!isInterrupted()) process.exit(reportFault(fault));
}

/** @returns the exit status */
async function load(flags: Flags): Promise<number> {
  const progress = new Progress();
  const target = await openTarget(flags, progress.say);
  try {
    const summary = await runLoad(target, flags, progress);
    process.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : tableOf(summary));
    return Object.values(summary.checks).every(Boolean) ? 0 : 1;
  } finally {
    if (!isInterrupted()) await target.stop();
  }
}

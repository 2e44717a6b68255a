import { reportFault, stopOnExit } from '@tallystick/stack';
import { parseFlags, usage, type Flags } from './flags.ts';
import { Progress } from './progress.ts';
import { runLoad } from './run-load.ts';
import { tableOf } from './summary.ts';
import { openTarget } from './system/target.ts';

let interrupted = false;
try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(usage);
  else process.exit(await load(flags));
} catch (fault) {
  // What was stopped under its hands fails; that is no fault.
  if (!interrupted) process.exit(reportFault(fault));
}

/** @returns the exit status */
async function load(flags: Flags): Promise<number> {
  const progress = new Progress();
  const target = await openTarget(flags, progress.say);
  stopOnExit(async () => void (interrupted = true));
  try {
    const summary = await runLoad(target, flags, progress);
    process.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : tableOf(summary));
    return Object.values(summary.checks).every(Boolean) ? 0 : 1;
  } finally {
    if (!interrupted) await target.stop();
  }
}

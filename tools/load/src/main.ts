import { isEnding, printJson, program, SettingError, type ExitStatus } from '@tallystick/stack';
import { capacityTable } from './capacity-table.ts';
import type { LoadFlags } from './command.ts';
import { Progress } from './progress.ts';
import { runLoad } from './run-load.ts';
import { tableOf, type Summary } from './summary.ts';
import { openTarget } from './system/target.ts';

/** Below this length a run measures a short limit. */
const SHORT_SECONDS = 30;

/** Runs `tallystick load`. */
export const load = program(async (flags: LoadFlags): Promise<ExitStatus> => {
  refuseExclusive(flags);
  return flags.capacity === undefined ? hold(flags) : capacity(flags, flags.capacity);
});

/** @throws SettingError that names two flags of which one excludes the other */
export function refuseExclusive({ rate, search, capacity, stack, signatures, replicas }: LoadFlags): void {
  const pairs: [string, boolean, string, boolean][] = [
    ['--search', search === true, '--rate', rate !== undefined],
    ['--capacity', capacity !== undefined, '--rate', rate !== undefined],
    ['--capacity', capacity !== undefined, '--search', search === true],
    ['--capacity', capacity !== undefined, '--stack', stack !== undefined],
    ['--signatures', signatures !== 'batch', '--stack', stack !== undefined],
    ['--replicas', replicas !== 1, '--stack', stack !== undefined],
  ];
  for (const [flag, isGiven, other, isOtherGiven] of pairs)
    if (isGiven && isOtherGiven) throw new SettingError(`${flag} excludes ${other}`);
}

/** How long the limit is measured, in seconds. */
export function limitSecondsOf({ seconds, limitSeconds }: LoadFlags): number {
  return limitSeconds ?? (seconds < SHORT_SECONDS ? 2 : 10);
}

async function hold(flags: LoadFlags): Promise<ExitStatus> {
  const summary = await measure(flags);
  if (flags.json === true) printJson(summary);
  else process.stdout.write(tableOf(summary));
  return isRight(summary) ? 0 : 1;
}

async function capacity(flags: LoadFlags, rates: readonly number[]): Promise<ExitStatus> {
  const summaries: Summary[] = [];
  for (const rate of rates) summaries.push(await measure({ ...flags, rate }));
  if (flags.json === true) printJson(summaries);
  else process.stdout.write(capacityTable(summaries));
  return summaries.every(isRight) ? 0 : 1;
}

async function measure(flags: LoadFlags): Promise<Summary> {
  const progress = new Progress();
  const target = await openTarget(flags, progress.say);
  try {
    return await runLoad(target, { ...flags, limitSeconds: limitSecondsOf(flags) }, progress);
  } finally {
    if (!isEnding()) await target.stop();
  }
}

function isRight({ checks }: Summary): boolean {
  return Object.values(checks).every(Boolean);
}

import { join } from 'node:path';
import { printJson, program, say, type ExitStatus } from '@tallystick/stack';
import type { CompareLoadFlags } from '../command.ts';
import { alignedTable } from '../aligned-table.ts';
import { compareTurns, type ComparedFigure } from './compared-figures.ts';
import { earlierCheckout } from './earlier-checkout.ts';
import { takeTurns } from './take-turns.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
/** Seconds of CPU of other programs in a run, from which on its figures say little. */
const OTHERS_MAX_S = 5;

/** Runs `tallystick compare-load`. */
export const compareLoad = program(
  async ({ against, times, json }: CompareLoadFlags, ...flags: string[]): Promise<ExitStatus> => {
    const earlier = { name: against, folder: await earlierCheckout(against, say) };
    const turns = await takeTurns(
      { earlier, now: { name: 'this checkout', folder: ROOT } },
      { times, flags },
      say,
    );
    const disturbed = turns
      .flatMap((turn) => [turn.earlier, turn.now])
      .filter((run) => run.cpu_seconds_of_others > OTHERS_MAX_S).length;
    const figures = compareTurns(turns);
    if (json === true) printJson({ against, flags, turns, figures, disturbed });
    else process.stdout.write(tableOf(figures, against));
    if (disturbed > 0)
      say(`Other programs were busy in ${disturbed} of ${2 * times} runs: repeat it on a quiet machine`);
    return 0;
  },
);

function tableOf(figures: readonly ComparedFigure[], against: string): string {
  const rows = figures.map(({ name, earlier, now, ratio, ratioLeast, ratioMost }) => [
    name,
    shown(earlier),
    shown(now),
    ratio.toFixed(2),
    `${ratioLeast.toFixed(2)} to ${ratioMost.toFixed(2)}`,
  ]);
  return alignedTable([['', against, 'now', 'ratio', 'of each turn'], ...rows]);
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

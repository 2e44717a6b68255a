import { randomInt } from 'node:crypto';
import { isEnding, printJson, program, say, type ExitStatus } from '@tallystick/stack';
import type { AttackFlags } from './command.ts';
import { families } from './corpus.ts';
import { allRefused, tableOf } from './report.ts';
import { runCorpus } from './run-corpus.ts';
import { openTarget } from './target/open-target.ts';

/** Runs `tallystick attack`. */
export const attack = program(async (flags: AttackFlags): Promise<ExitStatus> => {
  if (flags.list === true) {
    list(flags);
    return 0;
  }
  const seed = flags.seed ?? randomInt(2 ** 32 - 1);
  say(`Seed ${seed}. To repeat its mutations: npx tallystick attack --seed ${seed}`);
  const target = await openTarget(flags, say);
  try {
    const result = await runCorpus(target, flags, seed);
    if (flags.json === true) printJson(result);
    else process.stdout.write(tableOf(result));
    return allRefused(result) ? 0 : 1;
  } finally {
    if (!isEnding()) await target.stop();
  }
});

function list({ json }: AttackFlags): void {
  const all = families.flatMap(({ attacks }) => attacks.map(({ name, on }) => ({ name, on })));
  if (json === true) {
    printJson(all);
    return;
  }
  const width = Math.max(...all.map(({ name }) => name.length));
  process.stdout.write(all.map(({ name, on }) => `${name.padEnd(width)}  ${on}\n`).join(''));
}

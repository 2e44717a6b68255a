import { say } from '@tallystick/stack';
import type { AttackFlags } from './command.ts';
import { families } from './corpus.ts';
import type { Family } from './attack.ts';
import { runMutations } from './mutations/run-mutations.ts';
import { Progress } from './progress.ts';
import type { RunResult } from './report.ts';
import { runAttacks } from './run-attacks.ts';
import { readBooks, type Books } from './target/accounts.ts';
import type { Target } from './target/open-target.ts';
import { openWorld } from './target/open-world.ts';
import type { World } from './target/world.ts';

/** Runs the corpus on a system, compares the books before and after, and verifies the mutations of the seed. */
export async function runCorpus(
  target: Target,
  { only, mutations }: Pick<AttackFlags, 'only' | 'mutations'>,
  seed: number,
): Promise<RunResult> {
  const startMs = performance.now();
  say('Signing people in and opening accounts');
  const { world, close } = await openWorld(target.stack, target.restart);
  try {
    const { possible, skipped } = offeredBy(world);
    const chosen = (name: string): boolean =>
      only === undefined || only.some((one) => name === one || name.startsWith(`${one}.`));
    const count = possible.flatMap(({ attacks }) => attacks).filter(({ name }) => chosen(name)).length;
    say(`Sending ${count} attacks`);
    const before = await readBooks(world);
    const attacks = await runAttacks(possible, world, chosen, new Progress(count).tell);
    const moved = differences(before, await readBooks(world));
    const mutated = only !== undefined || mutations === 0 ? null : await runMutations(seed, mutations);
    return { seed, attacks, skipped, mutated, moved, seconds: (performance.now() - startMs) / 1_000 };
  } finally {
    await close();
  }
}

/** Leaves out the families for which the system offers no way. */
function offeredBy({ stack, restart }: World): { possible: Family[]; skipped: Record<string, string> } {
  const skipped: Record<string, string> = {};
  if (stack.authority === undefined) skipped['broker'] = 'the broker of this system has no users';
  if (restart === undefined) skipped['restart'] = 'this system is not restarted by others';
  return { possible: families.filter(({ name }) => skipped[name] === undefined), skipped };
}

function differences(before: Books, after: Books): string[] {
  const changed = Object.entries(before.balances).flatMap(([name, balance]) =>
    after.balances[name] === balance ? [] : [`${name}: ${balance}, then ${after.balances[name]}`],
  );
  return after.isBalanced ? changed : [...changed, 'the trial balance is not zero'];
}

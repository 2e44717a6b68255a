import type { Attack, Family, Verdict } from './attack.ts';
import type { World } from './target/world.ts';

/** The result of an attack. */
export interface AttackResult extends Verdict {
  name: string;
  on: string;
  ms: number;
}

/**
 * Runs families of attacks: all of those that may at the same time, then each that must be alone. Within a family,
 * attacks run one after another.
 * @param chosen whether to run an attack, by its name
 * @param told takes each result when it is known
 */
export async function runAttacks(
  families: readonly Family[],
  world: World,
  chosen: (name: string) => boolean,
  told: (result: AttackResult) => void,
): Promise<AttackResult[]> {
  const controls = new Map<NonNullable<Attack['control']>, Promise<Verdict>>();
  const run = async ({ attacks }: Family): Promise<AttackResult[]> => {
    const results: AttackResult[] = [];
    for (const attack of attacks) {
      if (!chosen(attack.name)) continue;
      const result = await runAttack(attack, world, controls);
      told(result);
      results.push(result);
    }
    return results;
  };
  const together = await Promise.all(families.filter(({ alone }) => alone !== true).map(run));
  const results = together.flat();
  for (const family of families.filter(({ alone }) => alone === true)) results.push(...(await run(family)));
  return results;
}

/** Runs an attack and before it the honest form, if no attack has run it yet. */
async function runAttack(
  { name, on, run, control }: Attack,
  world: World,
  controls: Map<NonNullable<Attack['control']>, Promise<Verdict>>,
): Promise<AttackResult> {
  const startMs = performance.now();
  const end = (verdict: Verdict): AttackResult => ({
    name,
    on,
    ...verdict,
    ms: Math.round(performance.now() - startMs),
  });
  if (control !== undefined) {
    const honest = controls.get(control) ?? outcomeOf(control, world);
    controls.set(control, honest);
    const { held, shown } = await honest;
    if (!held) return end({ held: false, shown: `the honest form was not accepted: ${shown}` });
  }
  return end(await outcomeOf(run, world));
}

async function outcomeOf(send: (world: World) => Promise<Verdict>, world: World): Promise<Verdict> {
  try {
    return await send(world);
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    const why = cause instanceof Error ? ` (${cause.message})` : '';
    return { held: false, shown: `error: ${error instanceof Error ? error.message : String(error)}${why}` };
  }
}

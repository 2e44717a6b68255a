import { setTimeout as delay } from 'node:timers/promises';
import { Operators } from '@tallystick/demo';
import { until } from '@tallystick/stack';
import { faults } from './faults/index.ts';
import type { ChaosFlags } from './command.ts';
import { attempt, injectAll, type InjectedFault } from './inject.ts';
import { openWorld } from './open-world.ts';
import { lookAt, type PromiseResult } from './look-at-promises.ts';
import { promises } from './promises/index.ts';
import { Random } from './random.ts';
import { planFaults } from './schedule.ts';
import { watchedPromises } from './watched/index.ts';
import { watchPromises } from './watch-promises.ts';
import { bringBack, startOrder, type PartName, type World } from './world.ts';

const WATCH_INTERVAL_MS = 500;
/** Longest time until the system is at rest after all faults are over. */
const QUIET_WITHIN_MS = 120_000;
const QUIET_CHECK_INTERVAL_MS = 250;

/** The result of a run. */
export interface ChaosResult {
  seed: number;
  minutes: number;
  faults: InjectedFault[];
  payments: Record<string, number>;
  attacks: number;
  /** Seconds until the system was at rest; `null` if it was not. */
  quietAfterS: number | null;
  promises: PromiseResult[];
}

/** Runs everything: the system, the load, the faults of the seed, the healing, the promises. */
export async function runChaos(
  flags: ChaosFlags,
  seed: number,
  say: (line: string) => void,
): Promise<ChaosResult> {
  const chosen = faults.filter(({ name }) => flags.only?.includes(name) ?? true);
  const lengthMs = flags.minutes * 60_000;
  const planned = planFaults(seed, chosen, lengthMs, flags.pairs);
  const { world, close } = await openWorld(flags, new Random(seed + 1), say);
  try {
    say(`${flags.rate} payments per second for ${flags.minutes} min, with faults of seed ${seed}`);
    world.payments.start(flags.rate);
    const watching = watchOver(world);
    const watched = watchPromises(world, watchedPromises);
    const done = await injectAll(world, planned, lengthMs);
    const seen = await watched.stop();
    await world.payments.stop();
    say('Removing the faults and waiting until the system is idle');
    await heal(world);
    const healedMs = performance.now();
    const isQuiet = await until(() => world.payments.isQuiet, QUIET_WITHIN_MS, QUIET_CHECK_INTERVAL_MS);
    const quietAfterS = isQuiet ? Number(((performance.now() - healedMs) / 1_000).toFixed(1)) : null;
    watching.stop();
    world.operators = await Operators.signIn(world.stack);
    const kept = await lookAt(world, promises);
    return {
      seed,
      minutes: flags.minutes,
      faults: done,
      payments: countByStatus(world),
      attacks: world.hostile.results.length,
      quietAfterS,
      promises: [...seen, ...kept],
    };
  } finally {
    await close();
  }
}

/** Records parts that ended without a fault, and restarts them, as an orchestrator would. */
function watchOver(world: World): { stop(): void } {
  const stopping = new AbortController();
  const startMs = performance.now();
  void (async () => {
    while (!stopping.signal.aborted) {
      for (const [name, part] of Object.entries(world.parts) as [PartName, World['parts'][PartName]][]) {
        if (part.running || world.down.has(name)) continue;
        world.fell.push(
          `${name} exited unexpectedly after ${((performance.now() - startMs) / 1_000).toFixed(1)} s`,
        );
        world.say(`  ${world.fell.at(-1)!}`);
        await attempt(async () => {
          await bringBack(world, name);
          return '';
        });
      }
      await delay(WATCH_INTERVAL_MS);
    }
  })();
  return { stop: () => stopping.abort() };
}

/** Reverts every remaining effect of faults. */
async function heal(world: World): Promise<void> {
  for (const proxy of [world.proxies.kafka, ...Object.values(world.proxies.postgres)]) {
    proxy.isCut = false;
    proxy.delayMs = 0;
  }
  for (const name of startOrder) {
    if (!world.parts[name].running) await bringBack(world, name);
    world.down.delete(name);
  }
}

function countByStatus({ book: { orders } }: World): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of orders) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

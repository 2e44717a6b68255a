import { setTimeout as delay } from 'node:timers/promises';
import { Random } from './random.ts';
import type { DrawnFault, PlannedFault } from './schedule.ts';
import { bringBack, startOrder, type PartName, type World } from './world.ts';

const PROGRESS_INTERVAL_MS = 10_000;

/** A fault that was injected. */
export interface InjectedFault {
  atS: number;
  name: string;
  did: string;
  /** The fault that was running when this one was injected. */
  during?: string | undefined;
}

/** Injects the faults of a plan until the time is over, one or two at a time. */
export async function injectAll(
  world: World,
  planned: readonly PlannedFault[],
  lengthMs: number,
): Promise<InjectedFault[]> {
  const startMs = performance.now();
  const done: InjectedFault[] = [];
  const progressTimer = setInterval(() => {
    const { orders, outstanding } = world.book;
    const elapsedS = ((performance.now() - startMs) / 1_000).toFixed(0);
    world.say(
      `  ${elapsedS} s: ${done.length} faults, ${orders.length} payments due, ${orders.length - outstanding} ended`,
    );
  }, PROGRESS_INTERVAL_MS);
  const inject = async ({ fault, seed }: DrawnFault, during?: string): Promise<void> => {
    const atS = Number(((performance.now() - startMs) / 1_000).toFixed(1));
    const random = new Random(seed);
    const did = await attempt(() => fault.inject(world, fault.on(random), random));
    done.push({ atS, name: fault.name, did, during });
    const joined = during === undefined ? '' : ` (while ${during})`;
    world.say(`  ${atS.toFixed(1)} s ${fault.name}${joined}: ${did}`);
  };
  try {
    for (const first of planned) {
      await delay(Math.max(0, startMs + first.dueMs - performance.now()));
      if (performance.now() - startMs > lengthMs) break;
      const { second } = first;
      await Promise.all([
        inject(first),
        ...(second === undefined ? [] : [delay(second.afterMs).then(() => inject(second, first.fault.name))]),
      ]);
      await bringAllBack(world);
    }
    await delay(Math.max(0, startMs + lengthMs - performance.now()));
  } finally {
    clearInterval(progressTimer);
  }
  return done;
}

/**
 * Reports a fault that could not be injected, e.g. because another still has effects, and continues: the promises
 * decide.
 */
export async function attempt(inject: () => Promise<string>): Promise<string> {
  try {
    return await inject();
  } catch (error) {
    return `failed: ${(error as Error).message.split('\n')[0]}`;
  }
}

/** Restarts parts that are still down: a second fault or a busy machine may have kept them from restarting. */
async function bringAllBack(world: World): Promise<void> {
  for (const name of startOrder.filter((part) => world.down.has(part))) {
    if (world.parts[name].running) world.down.delete(name);
    else await attempt(() => restarted(world, name));
  }
}

async function restarted(world: World, name: PartName): Promise<string> {
  await bringBack(world, name);
  return name;
}

import type { Fault, Target } from './faults/fault.ts';
import { Random } from './random.ts';

/** A fault with its target and the seed of its random numbers. */
export interface DrawnFault {
  fault: Fault;
  on: Target;
  seed: number;
}

/** A fault with the time at which it is due, and the fault that joins it, if any. */
export interface PlannedFault extends DrawnFault {
  dueMs: number;
  /** Starts this long after the first, whether that one is still running or not. */
  second: (DrawnFault & { afterMs: number }) | undefined;
}

const FIRST_MS = 3_000;
const BETWEEN_MS = { least: 1_000, most: 6_000 };
/** No fault starts later than this time before the end. */
const REST_MS = 3_000;
/** Most faults last several seconds, so the second starts while the first has effects. */
const SECOND_AFTER_MS_MAX = 2_500;
const SECOND_DRAWS_MAX = 20;

/**
 * Draws the faults of a run. Each fault comes up once before any is repeated. The same seed, faults, length and share
 * of pairs give the same plan; on a slow machine faults start late, but in the same order.
 * @param lengthMs time in which faults are injected
 * @param pairs the share of faults that are joined by a second one on another target; never by a third
 */
export function planFaults(
  seed: number,
  faults: readonly Fault[],
  lengthMs: number,
  pairs: number,
): PlannedFault[] {
  const random = new Random(seed);
  // A separate source, so that the first faults are the same with any share of pairs.
  const seconds = new Random(seed ^ 0x5ec0);
  const planned: PlannedFault[] = [];
  let deck: Fault[] = [];
  for (
    let dueMs = FIRST_MS;
    dueMs <= lengthMs - REST_MS;
    dueMs += random.whole(BETWEEN_MS.least, BETWEEN_MS.most)
  ) {
    if (deck.length === 0) deck = [...faults];
    const [fault] = deck.splice(random.whole(0, deck.length - 1), 1);
    const first = drawn(fault!, random);
    planned.push({ ...first, dueMs, second: second(first, faults, pairs, seconds) });
  }
  return planned;
}

function drawn(fault: Fault, random: Random): DrawnFault {
  const seed = random.whole(0, 2 ** 32 - 1);
  return { fault, on: fault.on(new Random(seed)), seed };
}

function second(
  first: DrawnFault,
  faults: readonly Fault[],
  pairs: number,
  random: Random,
): PlannedFault['second'] {
  if (!random.chance(pairs) || first.fault.isAlone === true) return undefined;
  const others = faults.filter(({ isAlone }) => isAlone !== true);
  for (let draw = 0; draw < SECOND_DRAWS_MAX; draw += 1) {
    const one = drawn(random.pick(others), random);
    if (one.on !== first.on) return { ...one, afterMs: random.whole(0, SECOND_AFTER_MS_MAX) };
  }
  // All possible faults have the same target.
  return undefined;
}

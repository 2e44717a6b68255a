import type { Fault, Target } from './faults/fault.ts';
import { Random } from './random.ts';

/** A fault with what it acts on and the numbers that it draws from. */
export interface DrawnFault {
  fault: Fault;
  on: Target;
  seed: number;
}

/** A fault with the moment from which it is due, and the one that joins it, if any. */
export interface PlannedFault extends DrawnFault {
  dueMs: number;
  /** Begins so long after the first, whether that one still runs or not. */
  second: (DrawnFault & { afterMs: number }) | undefined;
}

const FIRST_MS = 3_000;
const BETWEEN_MS = { least: 1_000, most: 6_000 };
/** No fault begins so close to the end. */
const REST_MS = 3_000;
/** Most faults last for some seconds: the second begins while the first is felt. */
const SECOND_AFTER_MS_MAX = 2_500;
const SECOND_DRAWS_MAX = 20;

/**
 * Draws the faults of a run. Each comes up once before any comes up again. The same seed, faults, length and share of
 * pairs give the same plan; on a slow machine a fault begins later than planned, never in another order.
 * @param lengthMs how long faults are injected
 * @param pairs the share of faults that a second one joins, on another target; never a third
 */
export function planFaults(
  seed: number,
  faults: readonly Fault[],
  lengthMs: number,
  pairs: number,
): PlannedFault[] {
  const random = new Random(seed);
  // Of its own, so that the first faults are the same with any share of pairs.
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
  // All that may be drawn acts on the same.
  return undefined;
}

import type { Fault } from './faults/fault.ts';
import { Random } from './random.ts';

/** A fault with the moment from which it is due and the numbers that it draws from. */
export interface PlannedFault {
  dueMs: number;
  fault: Fault;
  seed: number;
}

const FIRST_MS = 3_000;
const BETWEEN_MS = { least: 1_000, most: 6_000 };
/** No fault begins so close to the end. */
const REST_MS = 3_000;

/**
 * Draws the faults of a run. Each comes up once before any comes up again. The same seed, faults and length give the
 * same plan; on a slow machine a fault begins later than planned, never in another order.
 * @param lengthMs how long faults are injected
 */
export function planFaults(seed: number, faults: readonly Fault[], lengthMs: number): PlannedFault[] {
  const random = new Random(seed);
  const planned: PlannedFault[] = [];
  let deck: Fault[] = [];
  for (
    let dueMs = FIRST_MS;
    dueMs <= lengthMs - REST_MS;
    dueMs += random.whole(BETWEEN_MS.least, BETWEEN_MS.most)
  ) {
    if (deck.length === 0) deck = [...faults];
    const [fault] = deck.splice(random.whole(0, deck.length - 1), 1);
    planned.push({ dueMs, fault: fault!, seed: random.whole(0, 2 ** 32 - 1) });
  }
  return planned;
}

import { repeat, type Repeated } from '@tallystick/postgres';

/** How often records that have ended are deleted, and at most how many at a time, so that no sweep holds up requests. */
const SWEEP_INTERVAL_MS = 60_000;
const SWEEP_LIMIT = 1_000;

/**
 * Runs each sweep regularly. Replicas do so side by side: a sweep passes over rows that another holds.
 * @param onFault hears of a sweep that failed; the next comes in its time
 */
export function startSweeper(
  sweeps: readonly ((limit: number) => Promise<unknown>)[],
  onFault: (fault: unknown) => void,
): Repeated {
  return repeat(SWEEP_INTERVAL_MS, () => Promise.all(sweeps.map((sweep) => sweep(SWEEP_LIMIT))), onFault);
}

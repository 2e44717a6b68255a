import { repeat, type Repeated } from '@tallystick/postgres';

/** Interval and batch size of the deletion of expired records; the batch is small enough not to delay requests. */
const SWEEP_INTERVAL_MS = 60_000;
const SWEEP_LIMIT = 1_000;

/**
 * Runs each sweep periodically. Replicas sweep concurrently: a sweep skips rows that another one has locked.
 * @param onFault takes the error of a failed sweep; the next sweep runs as scheduled
 */
export function startSweeper(
  sweeps: readonly ((limit: number) => Promise<unknown>)[],
  onFault: (fault: unknown) => void,
): Repeated {
  return repeat(SWEEP_INTERVAL_MS, () => Promise.all(sweeps.map((sweep) => sweep(SWEEP_LIMIT))), onFault);
}

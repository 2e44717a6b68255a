/** How often records that have ended are deleted, and at most how many at a time, so that no sweep holds up requests. */
const SWEEP_INTERVAL_MS = 60_000;
const SWEEP_LIMIT = 1_000;

export interface Sweeper {
  /** Ends the sweeps, after the one that may be running. */
  stop(): Promise<void>;
}

/**
 * Runs each sweep regularly. Replicas do so side by side: a sweep passes over rows that another holds.
 * @param onFailure hears of a sweep that failed; the next comes in its time
 */
export function startSweeper(
  sweeps: readonly ((limit: number) => Promise<unknown>)[],
  onFailure: (error: unknown) => void,
): Sweeper {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = Promise.all(sweeps.map((sweep) => sweep(SWEEP_LIMIT))).catch(onFailure);
  }, SWEEP_INTERVAL_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

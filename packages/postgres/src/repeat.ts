/** A task that runs at an interval. */
export interface Repeated {
  /** Stops the task; resolves after a running turn. */
  stop(): Promise<void>;
}

/**
 * Runs a task at an interval, for example pruning. Turns never overlap: a turn is skipped while the previous one runs.
 * @param onFault gets the error of a failed turn; the next turn runs at the usual time
 */
export function repeat(
  intervalMs: number,
  work: () => Promise<unknown>,
  onFault: (fault: unknown) => void,
): Repeated {
  let underWay: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    underWay ??= work()
      .catch(onFault)
      .finally(() => (underWay = undefined));
  }, intervalMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}

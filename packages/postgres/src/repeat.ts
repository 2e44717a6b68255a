/** A task that runs at an interval. */
export interface Repeated {
  /** Stops the task: aborts the signal of a running turn and waits for its end. */
  stop(): Promise<void>;
}

/**
 * Runs a task at an interval, for example a sweep. Turns never overlap: a turn is skipped while the previous one runs.
 * @param work gets a signal that aborts when the task stops
 * @param onFault gets the error of a failed turn; the next turn runs at the usual time
 */
export function repeat(
  intervalMs: number,
  work: (signal: AbortSignal) => Promise<unknown>,
  onFault: (fault: unknown) => void,
): Repeated {
  const stopping = new AbortController();
  let underWay: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    underWay ??= work(stopping.signal)
      .catch(onFault)
      .finally(() => (underWay = undefined));
  }, intervalMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await underWay;
    },
  };
}

/** Upkeep that is done again and again. */
export interface Repeated {
  /** Ends it, after the turn that may be under way. */
  stop(): Promise<void>;
}

/**
 * Does upkeep regularly, such as pruning. A turn that takes longer than the interval is not joined by a second one.
 * @param onFault hears of a turn that failed; the next comes in its time
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

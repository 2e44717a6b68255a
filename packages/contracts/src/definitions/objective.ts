/** Days over which an objective must hold. An alert fires while the misses of these days are used up too fast. */
export const OBJECTIVE_DAYS = 30;

/** The lowest share that an objective may ask for. With less, the fastest burn rate could never be reached. */
const SHARE_MIN = 0.95;

/**
 * How well an interface must work. Shares are between 0 and 1 and hold over {@link OBJECTIVE_DAYS}; the prose of each
 * field says of what.
 */
export interface Objective {
  /** Share of requests that end without a status 5xx, or of messages whose handler does not fail. */
  availability: number;
  /**
   * Share of requests that are answered, or of messages that are committed after their fetch, within a time. Requests
   * that end with 5xx and messages whose handler fails do not count here. The time must be a boundary of the histogram
   * of durations.
   */
  latency: { thresholdS: number; share: number };
}

/** The objectives of interfaces that name none, by kind. */
export const defaultObjectives = {
  /** A read is one transaction and locks nothing. */
  read: { availability: 0.999, latency: { thresholdS: 0.25, share: 0.99 } },
  /** A write also waits for the writes with which it shares a transaction, and for locks on its rows. */
  write: { availability: 0.999, latency: { thresholdS: 0.5, share: 0.99 } },
  /** With `Prefer: wait` the answer has the outcome, which crosses Kafka and two services. */
  writeWithOutcome: { availability: 0.999, latency: { thresholdS: 2.5, share: 0.99 } },
  /** A message whose handler fails stays in quarantine until a person releases it, so fewer may. */
  message: { availability: 0.9999, latency: { thresholdS: 0.5, share: 0.99 } },
} as const satisfies Record<string, Objective>;

/**
 * Returns the objective of an interface: that of its kind, with the parts that its definition overrides.
 * @param name id or type, for the error
 * @throws Error if a share is below 0.95, or not below 1
 */
export function objectiveOf(
  name: string,
  kind: keyof typeof defaultObjectives,
  override: Partial<Objective> = {},
): Objective {
  const objective = { ...defaultObjectives[kind], ...override };
  for (const share of [objective.availability, objective.latency.share])
    if (!(share >= SHARE_MIN && share < 1))
      throw new Error(
        `${name}: the share of an objective is at least ${SHARE_MIN} and below 1, not ${share}`,
      );
  return objective;
}

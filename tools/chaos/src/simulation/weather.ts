import type { Random } from '../random.ts';

/** The probability of each kind of fault in one run, for each of its occasions. */
export interface Weather {
  /** A process dies before its transaction commits. */
  crashBeforeCommit: number;
  /** A process dies after the commit, before it publishes. */
  crashAfterCommit: number;
  /** The broker accepts a request partly or not at all, or accepts it and the response is lost. */
  publishFails: number;
  /** A process dies after publishing, before it records that. */
  crashAfterPublish: number;
  /** A batch is processed after the process has lost its partition. */
  zombie: number;
  /** An old record is written again, after all others. */
  replay: number;
  /** A customer repeats a request under the same key, since the response was lost. */
  askedAgain: number;
  /** A hold expires before its payment is captured. */
  holdRunsOut: number;
  /** Everything stops for longer than the lifetime of a command. */
  longOutage: number;
}

const calm: Weather = {
  crashBeforeCommit: 0,
  crashAfterCommit: 0,
  publishFails: 0,
  crashAfterPublish: 0,
  zombie: 0,
  replay: 0,
  askedAgain: 0,
  holdRunsOut: 0,
  longOutage: 0,
};

/** Draws the weather of a run: some kinds of faults are absent, some rare, some frequent. */
export function drawWeather(random: Random): Weather {
  const drawn = { ...calm };
  for (const kind of Object.keys(calm) as (keyof Weather)[]) drawn[kind] = random.pick([0, 0.03, 0.1, 0.3]);
  return drawn;
}

export { calm };

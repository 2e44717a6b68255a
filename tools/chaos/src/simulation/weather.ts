import type { Random } from '../random.ts';

/** How likely each kind of trouble is in one run, from 0 to 1 for each chance that it has. */
export interface Weather {
  /** A process dies before its transaction commits. */
  crashBeforeCommit: number;
  /** A process dies after the commit, before it publishes. */
  crashAfterCommit: number;
  /** The broker takes a request in part or not at all, or takes it and the answer is lost. */
  publishFails: number;
  /** A process dies after it published, before it notes that. */
  crashAfterPublish: number;
  /** A batch is carried out by a process that lost its partition meanwhile. */
  zombie: number;
  /** An old record is written again, behind all others. */
  replay: number;
  /** A customer asks again under the same key, since the answer was lost. */
  askedAgain: number;
  /** A hold's time has come before its payment is collected. */
  holdRunsOut: number;
  /** All stands still for longer than a command lives. */
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

/** Draws the weather of a run: some kinds of trouble are absent, some rare, some thick. */
export function drawWeather(random: Random): Weather {
  const drawn = { ...calm };
  for (const kind of Object.keys(calm) as (keyof Weather)[]) drawn[kind] = random.pick([0, 0.03, 0.1, 0.3]);
  return drawn;
}

export { calm };

import type { World } from '../world.ts';

/** A property that the system keeps at every moment, even while faults run. */
export interface WatchedPromise {
  /** A sentence that is true if it holds. */
  name: string;
  /** The pause between two checks. */
  everyMs: number;
  /**
   * Checks the promise once.
   * @returns the objections; `undefined` if a fault prevented the check. An error, or a duration longer than that of
   *   faults, means the same
   */
  look(world: World): Promise<string[] | undefined>;
}

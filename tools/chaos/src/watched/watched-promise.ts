import type { World } from '../world.ts';

/** Something that the system keeps at every moment, while things go wrong too. */
export interface WatchedPromise {
  /** In words that are true when it holds. */
  name: string;
  /** The pause between two looks. */
  everyMs: number;
  /**
   * Looks once.
   * @returns what speaks against the promise; `undefined` where a fault was in the way, as it is where this throws or
   *   takes longer than faults last
   */
  look(world: World): Promise<string[] | undefined>;
}

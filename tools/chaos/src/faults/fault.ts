import type { Random } from '../random.ts';
import type { World } from '../world.ts';

/** Something that goes wrong, and is right again when its `inject` has ended. */
export interface Fault {
  /** As `--only` and the progress lines name it. */
  name: string;
  /** What goes wrong, in one line for `--list`. */
  does: string;
  /**
   * Makes it go wrong for a while.
   * @param random decides on which part and for how long; the same numbers must give the same fault
   * @returns what was done, in words for the progress line
   */
  inject(world: World, random: Random): Promise<string>;
}

import type { Random } from '../random.ts';
import type { PartName, World } from '../world.ts';

/** What a fault acts on. */
export type Target = PartName | `connections of ${PartName}` | 'messages';

/** Something that goes wrong, and is right again when its `inject` has ended. */
export interface Fault<On extends Target = Target> {
  /** As `--only` and the progress lines name it. */
  name: string;
  /** What goes wrong, in one line for `--list`. */
  does: string;
  /** Whether no other fault may run meanwhile. */
  isAlone?: boolean;
  /** Draws what it acts on. Two faults never act on the same at once. */
  on(random: Random): On;
  /**
   * Makes it go wrong for a while.
   * @param on what was drawn
   * @param random decides on the rest, such as for how long; the same numbers must give the same fault
   * @returns what was done, in words for the progress line
   */
  inject(world: World, on: On, random: Random): Promise<string>;
}

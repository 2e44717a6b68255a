import type { Random } from '../random.ts';
import type { PartName, World } from '../world.ts';

/** The object of a fault. */
export type Target = PartName | `connections of ${PartName}` | 'messages';

/** A fault in the system, which is over when its `inject` has ended. */
export interface Fault<On extends Target = Target> {
  /** Its name for `--only` and in progress lines. */
  name: string;
  /** Its description in one line for `--list`. */
  does: string;
  /** Whether it excludes all other faults while it runs. */
  isAlone?: boolean;
  /** Draws its target. Two faults never have the same target at the same time. */
  on(random: Random): On;
  /**
   * Causes the fault for a while.
   * @param on the drawn target
   * @param random decides everything else, e.g. the duration; the same numbers must cause the same fault
   * @returns a description for the progress line
   */
  inject(world: World, on: On, random: Random): Promise<string>;
}

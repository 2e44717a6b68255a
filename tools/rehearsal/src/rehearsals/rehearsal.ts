import type { World } from '@tallystick/chaos';

/** A loss, and an operator's response to it. */
export interface Rehearsal {
  /** Its name on the command line. */
  name: string;
  /** The loss and the response, in one line for `--list`. */
  does: string;
  /**
   * Runs while payments continue; returns when everything is back in place.
   * @param pauseMs time of payments between the steps
   * @returns the objections, in addition to the promises that are checked afterwards
   */
  run(world: World, pauseMs: number): Promise<string[]>;
}

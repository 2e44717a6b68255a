import type { World } from '@tallystick/chaos';

/** A loss, and what an operator does after it. */
export interface Rehearsal {
  /** As the command names it. */
  name: string;
  /** What is lost and what is done, in one line for `--list`. */
  does: string;
  /**
   * Runs while payments go on; returns once all is in its place again.
   * @param pauseMs how long payments go on between the steps
   * @returns what speaks against it, beside the promises that are looked at afterwards
   */
  run(world: World, pauseMs: number): Promise<string[]>;
}

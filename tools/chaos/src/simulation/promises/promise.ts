import type { SimulatedWorld } from '../simulation.ts';

/** Something that holds at the end of every run, whatever happened in it. */
export interface SimulatedPromise {
  name: string;
  /** @returns what speaks against it, in words that name the payment, hold or account; nothing where it holds */
  objections(world: SimulatedWorld): string[];
}

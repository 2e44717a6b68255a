import type { SimulatedWorld } from '../simulation.ts';

/** A property that holds at the end of every run. */
export interface SimulatedPromise {
  name: string;
  /** @returns the objections, which name the payment, hold or account; none if it holds */
  objections(world: SimulatedWorld): string[];
}

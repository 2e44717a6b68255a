import type { World } from './target/world.ts';

/** How a request ended. */
export interface Verdict {
  /** Whether it ended as expected: an attack refused for exactly its reason, an honest form accepted. */
  held: boolean;
  /** The answer, or the reason that was shown. */
  shown: string;
}

/** An attack on a running system. */
export interface Attack {
  /** Unique: its family and what it does, such as `tokens.alg-none`. */
  name: string;
  /** The attacked interface: a route, a topic or a page. */
  on: string;
  /** Sends it. An error counts as an attack that was not refused. */
  run(world: World): Promise<Verdict>;
  /**
   * Sends the honest form, which must be accepted: otherwise the refusal of the attack shows nothing. Attacks that share
   * a control share its run.
   */
  control?: ((world: World) => Promise<Verdict>) | undefined;
}

/** Attacks on one part of the system. They run one after another. */
export interface Family {
  name: string;
  attacks: readonly Attack[];
  /** Runs when no other family does: it disturbs others, or is disturbed by them. */
  alone?: boolean;
}

/** Makes a verdict from what was expected and what was seen. */
export function verdict(expected: string, seen: string): Verdict {
  return { held: seen === expected, shown: seen === expected ? seen : `${seen}, expected ${expected}` };
}

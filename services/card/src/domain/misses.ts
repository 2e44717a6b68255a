/**
 * Maximum number of card numbers of a producer in a UTC day that no card has. A customer's receipt shows the last four
 * digits and everyone knows the issuer number, so about 100,000 guesses find the rest: at this rate, three years.
 */
export const MISSES_PER_DAY_MAX = 100;

/** The numbers of each producer today that no card has, and those to add. */
export class Misses {
  readonly #today: ReadonlyMap<string, number>;
  readonly added = new Map<string, number>();

  constructor(today: ReadonlyMap<string, number>) {
    this.#today = today;
  }

  /** Whether the producer may ask for further numbers. */
  isWithinLimit(producerId: string): boolean {
    return (this.#today.get(producerId) ?? 0) + (this.added.get(producerId) ?? 0) < MISSES_PER_DAY_MAX;
  }

  add(producerId: string): void {
    this.added.set(producerId, (this.added.get(producerId) ?? 0) + 1);
  }
}

const FIRST_MS = 50;

/** Waits longer after each attempt, twice as long as before, within bounds. */
export class Backoff {
  attempts = 0;
  readonly #maxMs: number;

  constructor(maxMs: number) {
    this.#maxMs = maxMs;
  }

  async wait(): Promise<void> {
    const ms = Math.min(this.#maxMs, FIRST_MS * 2 ** this.attempts);
    this.attempts += 1;
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

/**
 * Limits the work in a turn of the event loop. Excess work waits for the next turn in its order, after other events.
 */
export class Turns {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #room: number;
  #isNextDue = false;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
    this.#room = perTurn;
  }

  /** Resolves when the turn has room; immediately for the first calls of a turn. */
  async take(): Promise<void> {
    this.#prepareNext();
    if (this.#room === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#room -= 1;
  }

  #prepareNext(): void {
    if (this.#isNextDue) return;
    this.#isNextDue = true;
    setImmediate(() => {
      this.#isNextDue = false;
      const admitted = this.#waiting.splice(0, this.#perTurn);
      this.#room = this.#perTurn - admitted.length;
      if (admitted.length > 0) this.#prepareNext();
      for (const admit of admitted) admit();
    });
  }
}

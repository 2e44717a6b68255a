/**
 * Gathers what comes at about the same time, to be carried out together. A fetch hands its partitions over one by one,
 * and a transaction for each would cost as many commits.
 */
export class MicroBatch<Part> {
  readonly #carryOut: (parts: readonly Part[]) => Promise<void>;
  #gathering: { parts: Promise<Part>[]; done: Promise<void> } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param carryOut carries the parts of one round out; one round at a time */
  constructor(carryOut: (parts: readonly Part[]) => Promise<void>) {
    this.#carryOut = carryOut;
  }

  /**
   * Takes part in the round that is being gathered.
   * @param prepare makes the part; the round waits for it
   * @returns once the round was carried out
   * @throws what making the part threw, which leaves the others alone, or what carrying the round out did
   */
  async join(prepare: () => Promise<Part>): Promise<void> {
    const part = prepare();
    this.#gathering ??= this.#open();
    const { parts, done } = this.#gathering;
    parts.push(part);
    await part;
    await done;
  }

  #open(): { parts: Promise<Part>[]; done: Promise<void> } {
    const parts: Promise<Part>[] = [];
    const before = this.#last;
    const run = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      await before;
      this.#gathering = undefined;
      const made = await Promise.allSettled(parts);
      await this.#carryOut(made.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    };
    const done = run();
    this.#last = done.catch(() => {});
    return { parts, done };
  }
}

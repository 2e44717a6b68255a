/**
 * Gathers the partitions of a fetch into one batch. kafkajs hands them over one by one, and a transaction for each would
 * need as many commits.
 */
export class MicroBatch<Part> {
  readonly #carryOut: (parts: readonly Part[]) => Promise<void>;
  #gathering: { parts: Promise<Part>[]; done: Promise<void> } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param carryOut handles the parts of one batch; batches run one after the other */
  constructor(carryOut: (parts: readonly Part[]) => Promise<void>) {
    this.#carryOut = carryOut;
  }

  /**
   * Adds a part to the batch that is being gathered.
   * @param prepare makes the part; the batch waits for it
   * @returns when the batch was handled
   * @throws the error of `prepare`, which does not affect the other parts, or the error of the batch
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

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (fault: unknown) => void;
}

/**
 * Runs one statement for many requests. Requests of one turn of the event loop share it, and those that arrive while it
 * runs share the next one.
 */
export class SharedStatements<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  #waiting: Waiting<Item, Result>[] = [];
  #isRunning = false;

  /** @param run returns the result of each item, in their order */
  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#run = run;
  }

  /**
   * Adds an item to the next statement.
   * @returns its result
   * @throws the error of the statement
   */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isRunning) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const results = await this.#run(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, at) => resolve(results[at]!));
      } catch (fault) {
        for (const { reject } of batch) reject(fault);
      }
    }
    this.#isRunning = false;
  }
}

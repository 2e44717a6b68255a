/** The rows of one table, by their key. */
export class Table<Row extends object> {
  readonly name: string;
  readonly rows = new Map<string, Row>();

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A transaction over tables in memory. It reads private copies, and its changes appear only with {@link commit}.
 * Dropping it rolls it back.
 */
export class MemoryTransaction {
  readonly #loaded = new Map<Table<object>, Map<string, object | undefined>>();
  readonly #deleted: { table: Table<object>; key: string }[] = [];

  /** Returns the row as this transaction sees it, to be changed in place. */
  get<Row extends object>(table: Table<Row>, key: string): Row | undefined {
    const own = this.#own(table);
    if (!own.has(key)) {
      const row = table.rows.get(key);
      own.set(key, row === undefined ? undefined : { ...row });
    }
    return own.get(key) as Row | undefined;
  }

  put<Row extends object>(table: Table<Row>, key: string, row: Row): void {
    this.#own(table).set(key, row);
  }

  /** Adds a row. @throws Error if the key is taken, like a primary key */
  insert<Row extends object>(table: Table<Row>, key: string, row: Row): void {
    if (this.get(table, key) !== undefined) throw new Error(`${table.name} already has a row ${key}`);
    this.put(table, key, row);
  }

  delete<Row extends object>(table: Table<Row>, key: string): void {
    this.#own(table).set(key, undefined);
    this.#deleted.push({ table: table as unknown as Table<object>, key });
  }

  commit(): void {
    for (const { table, key } of this.#deleted) table.rows.delete(key);
    for (const [table, rows] of this.#loaded)
      for (const [key, row] of rows) if (row !== undefined) table.rows.set(key, row);
  }

  #own(table: Table<object> | Table<never>): Map<string, object | undefined> {
    const known = this.#loaded.get(table as Table<object>);
    if (known !== undefined) return known;
    const made = new Map<string, object | undefined>();
    this.#loaded.set(table as Table<object>, made);
    return made;
  }
}

/** Returns the transaction passed to a store, which here is always one in memory. */
export function memoryOf(tx: object): MemoryTransaction {
  if (!(tx instanceof MemoryTransaction)) throw new TypeError('the transaction belongs to another database');
  return tx;
}
